#include "xml/cpu.hpp"
#include "xml/device_reader.hpp"
#include "xml/document.hpp"
#include "xml/domain.hpp"
#include "xml/metadata.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

using model::VirtualMachine;

void read_os(pugi::xml_node os, VirtualMachine& machine) {
  if (os.child("type").attribute("machine")) machine.machine = os.child("type").attribute("machine").value();
  const pugi::xml_node loader = os.child("loader");
  const bool is_flash = std::string_view(loader.attribute("type").value()) == "pflash";
  if (is_flash || std::string_view(os.attribute("firmware").value()) == "efi") {
    machine.firmware.type = model::FirmwareType::efi;
    const pugi::xml_node feature = os.child("firmware").find_child_by_attribute("feature", "name", "secure-boot");
    machine.firmware.secure_boot =
        is_yes(feature ? feature.attribute("enabled").value() : loader.attribute("secure").value());
  }
  if (os.child("kernel")) {
    machine.boot = {.kernel = os.child("kernel").text().get(),
                    .initrd = os.child("initrd").text().get(),
                    .cmdline = os.child("cmdline").text().get()};
  }
}

}  // namespace

VirtualMachine read_domain(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "domain");
  const pugi::xml_node domain = document.document_element();
  VirtualMachine machine;
  machine.name = domain.child("name").text().get();
  machine.uuid = util::parse_uuid(domain.child("uuid").text().get());
  read_word(machine.domain_type, domain.attribute("type").value());
  if (const auto size = read_size(domain.child("memory"), 1024)) machine.memory.size = *size;
  machine.cpu = read_cpu(domain);
  read_os(domain.child("os"), machine);
  read_word(machine.on_poweroff, domain.child("on_poweroff").text().get());
  read_word(machine.on_reboot, domain.child("on_reboot").text().get());
  read_word(machine.on_crash, domain.child("on_crash").text().get());
  read_devices(domain, machine);
  read_metadata(domain, machine);
  return machine;
}

}  // namespace vmtool::xml
