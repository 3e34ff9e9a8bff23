#include <fmt/format.h>

#include "model/targets.hpp"
#include "xml/cpu.hpp"
#include "xml/device_writer.hpp"
#include "xml/document.hpp"
#include "xml/domain.hpp"
#include "xml/edits.hpp"
#include "xml/metadata.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

using model::DomainType;
using model::VirtualMachine;

bool has_device_boot_order(const VirtualMachine& machine) {
  for (const model::Disk& disk : machine.disks) {
    if (disk.boot_order) return true;
  }
  for (const model::Interface& interface : machine.interfaces) {
    if (interface.boot_order) return true;
  }
  return false;
}

void write_identity(pugi::xml_node domain, const VirtualMachine& machine) {
  const bool is_open = machine.domain_type == DomainType::automatic;
  set(domain, "type", model::to_text(is_open ? DomainType::kvm : machine.domain_type));
  if (is_open) remark(domain, "type: kvm where the host truly runs a guest under it, else qemu");
  append(domain, "name", machine.name);
  if (machine.uuid) {
    append(domain, "uuid", util::to_text(*machine.uuid));
  } else {
    remark(domain, "uuid: derived from the host when the machine is defined");
  }
}

void write_size(pugi::xml_node domain, const VirtualMachine& machine) {
  for (const char* name : {"memory", "currentMemory"}) {
    set(append(domain, name, fmt::format("{}", (machine.memory.size.count + 1023) / 1024)), "unit", "KiB");
  }
  set(append(domain, "vcpu", fmt::format("{}", machine.cpu.count)), "placement", "static");
}

void write_firmware_feature(pugi::xml_node firmware, const char* name, bool enabled) {
  pugi::xml_node feature = append(firmware, "feature");
  set(feature, "enabled", yes_no(enabled));
  set(feature, "name", name);
}

void write_os(pugi::xml_node domain, const VirtualMachine& machine) {
  pugi::xml_node os = append(domain, "os");
  if (machine.firmware.type == model::FirmwareType::efi) set(os, "firmware", "efi");
  pugi::xml_node type = append(os, "type", "hvm");
  set(type, "arch", "x86_64");
  set(type, "machine", machine.machine);
  if (machine.firmware.type == model::FirmwareType::efi) {
    // Both are stated, since libvirt else takes whichever firmware the distribution sorted first.
    pugi::xml_node firmware = append(os, "firmware");
    write_firmware_feature(firmware, "enrolled-keys", machine.firmware.secure_boot);
    write_firmware_feature(firmware, "secure-boot", machine.firmware.secure_boot);
  }
  if (machine.boot) {
    append(os, "kernel", machine.boot->kernel);
    if (!machine.boot->initrd.empty()) append(os, "initrd", machine.boot->initrd);
    if (!machine.boot->cmdline.empty()) append(os, "cmdline", machine.boot->cmdline);
  }
  // libvirt adds it where it is left out, and refuses it beside a device's own order.
  if (!has_device_boot_order(machine)) set(append(os, "boot"), "dev", "hd");
}

void write_features(pugi::xml_node domain, const VirtualMachine& machine) {
  pugi::xml_node features = append(domain, "features");
  append(features, "acpi");
  append(features, "apic");
  // Secure boot is only as good as the memory that keeps the guest from its variables.
  if (machine.firmware.secure_boot) set(append(features, "smm"), "state", "on");
}

// The timers that virt-manager's authors found to keep time under KVM; the emulated PIT and HPET cost wake-ups.
void write_clock(pugi::xml_node domain, const VirtualMachine& machine) {
  pugi::xml_node clock = append(domain, "clock");
  set(clock, "offset", "utc");
  if (machine.domain_type == DomainType::qemu) return;
  const auto timer = [&](const char* name, const char* key, const char* value) {
    pugi::xml_node node = append(clock, "timer");
    set(node, "name", name);
    set(node, key, value);
  };
  timer("rtc", "tickpolicy", "catchup");
  timer("pit", "tickpolicy", "delay");
  timer("hpet", "present", "no");
}

void write_lifecycle(pugi::xml_node domain, const VirtualMachine& machine) {
  append(domain, "on_poweroff", model::to_text(machine.on_poweroff));
  append(domain, "on_reboot", model::to_text(machine.on_reboot));
  append(domain, "on_crash", model::to_text(machine.on_crash));
  // A guest that suspends itself would look dead and could not be woken by what starts machines.
  pugi::xml_node pm = append(domain, "pm");
  set(append(pm, "suspend-to-mem"), "enabled", "no");
  set(append(pm, "suspend-to-disk"), "enabled", "no");
}

std::string write(const VirtualMachine& original, Missing missing) {
  VirtualMachine machine = original;
  model::assign_targets(machine);
  pugi::xml_document document;
  pugi::xml_node domain = document.append_child("domain");
  write_identity(domain, machine);
  write_metadata(domain, machine);
  write_size(domain, machine);
  write_os(domain, machine);
  write_features(domain, machine);
  write_cpu(domain, machine);
  write_clock(domain, machine);
  write_lifecycle(domain, machine);
  write_devices(domain, machine);
  apply_edits(domain, machine.xml, missing);
  return serialize(domain);
}

}  // namespace

std::string write_domain(const VirtualMachine& machine) { return write(machine, Missing::refuse); }

std::string rewrite_domain(std::string_view existing) { return write(read_domain(existing), Missing::skip); }

}  // namespace vmtool::xml
