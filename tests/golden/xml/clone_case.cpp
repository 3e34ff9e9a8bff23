#include "tests/golden/xml/clone_case.hpp"

#include <cstdlib>
#include <memory>

#include "util/file.hpp"

namespace vmtool::tests {

std::filesystem::path clone_folder() {
  return std::filesystem::path(std::getenv("VMTOOL_SOURCE_DIR")) / "tests/golden/xml/clone";
}

std::string everything() { return util::read_file(clone_folder() / "everything.source.xml", 1 << 20); }

xml::ClonedDomain clone_of_everything() {
  xml::CloneValues values;
  values.name = "silver";
  values.uuid = *util::parse_uuid("99999999-8888-4777-8666-555555555555");
  values.macs = {"52:54:00:00:00:01", "52:54:00:00:00:02"};
  values.disks["vda"] = {"/var/lib/libvirt/images/silver-root.qcow2", "silver-root.qcow2", "qcow2", true};
  values.disks["vdb"] = {"/var/lib/libvirt/images/silver-data.raw", "silver-data.raw", "raw", false};
  values.disks["sda"] = {"/var/lib/libvirt/images/silver-sda.raw", "silver-sda.raw", "raw", false};
  values.nvram = "/var/lib/libvirt/qemu/nvram/silver_VARS.fd";
  values.taken_ports = {4556};
  values.addresses = {{"192.168.122.210", "192.168.122.211"}};
  values.mark = {"golden",
                 "11111111-2222-4333-8444-555555555555",
                 "linked",
                 {{"vda", "/var/lib/libvirt/images/silver-root.qcow2"}}};
  const auto next = std::make_shared<unsigned char>();
  values.random = [next](std::span<unsigned char> out) {
    for (unsigned char& byte : out) byte = ++*next;
  };
  return xml::clone_domain(everything(), values);
}

}  // namespace vmtool::tests
