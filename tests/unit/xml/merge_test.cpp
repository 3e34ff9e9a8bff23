#include "xml/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/xml/samples.hpp"
#include "tests/unit/xml/text.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"

namespace vmtool::xml {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::error_of;
using tests::machine;
using tests::replaced;

// The sample machine as libvirt gives it back: addresses, the versioned machine type, a device by hand, another tool's
// metadata.
std::string existing_machine() {
  std::string text = write_domain(machine());
  text = replaced(text, "machine='q35'>hvm", "machine='pc-q35-7.2'>hvm");
  text = replaced(text, "  </metadata>", "    <app:note xmlns:app='urn:app'>theirs</app:note>\n  </metadata>");
  text = replaced(text, "<target dev='vda' bus='virtio'/>",
                  "<target dev='vda' bus='virtio'/><address type='pci' bus='0x04'/>");
  text = replaced(text, "<model type='virtio'/>", "<model type='virtio'/><address type='pci' bus='0x01'/>");
  text = replaced(text, "  <devices>", "  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>");
  return replaced(text, "</devices>",
                  "<controller type='pci' index='0' model='pcie-root'/>"
                  "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product "
                  "id='0x2'/></source></hostdev></devices>");
}

model::VirtualMachine as_it_is() { return read_domain(existing_machine()); }

std::string merged(const std::string& existing, const model::VirtualMachine& wanted) {
  return merge(existing, rewrite_domain(existing), write_domain(wanted));
}

TEST(Merge, OfTheSameChangesNothing) {
  EXPECT_TRUE(is_same(merged(existing_machine(), as_it_is()), existing_machine()));
  EXPECT_EQ(as_it_is(), machine());
}

TEST(Merge, ChangesOnlyWhatWasAskedFor) {
  model::VirtualMachine wanted = as_it_is();
  wanted.memory.size = util::Bytes{std::uint64_t{2} << 30};
  const std::string result = merged(existing_machine(), wanted);
  EXPECT_EQ(read_domain(result), wanted);
  std::string expected = existing_machine();
  for (const char* name : {"memory", "currentMemory"}) {
    const std::string start = std::string("<") + name + " unit='KiB'>";
    expected = replaced(expected, start + "1048576", start + "2097152");
  }
  EXPECT_TRUE(is_same(result, expected)) << result;
}

TEST(Merge, KeepsWhatOthersAdded) {
  model::VirtualMachine wanted = as_it_is();
  wanted.cpu.count = 4;
  wanted.labels["tier"] = "db";
  const std::string result = merged(existing_machine(), wanted);
  for (const char* kept :
       {"<hostdev ", "<emulator>", "<address type='pci' bus='0x04'/>", "<address type='pci' bus='0x01'/>", "pc-q35-7.2",
        "<app:note xmlns:app='urn:app'>theirs</app:note>", "model='pcie-root'"}) {
    EXPECT_THAT(result, HasSubstr(kept));
  }
  EXPECT_EQ(read_domain(result), wanted);
}

TEST(Merge, AddsAndRemovesDisks) {
  model::VirtualMachine wanted = as_it_is();
  wanted.disks.push_back(tests::disk("data", "/data.qcow2"));
  model::assign_targets(wanted);
  const std::string grown = merged(existing_machine(), wanted);
  EXPECT_EQ(read_domain(grown), wanted);
  EXPECT_THAT(grown, HasSubstr("<address type='pci' bus='0x04'/>"));
  EXPECT_LT(grown.find("/data.qcow2"), grown.find("<controller "));
  const std::string back = merged(grown, as_it_is());
  EXPECT_TRUE(is_same(back, existing_machine())) << back;
}

TEST(Merge, RemovesTheFirstOfTwoAndKeepsTheOther) {
  model::VirtualMachine two = as_it_is();
  two.disks.push_back(tests::disk("data", "/data.qcow2"));
  model::assign_targets(two);
  const std::string there = replaced(merged(existing_machine(), two), "<target dev='vdb' bus='virtio'/>",
                                     "<target dev='vdb' bus='virtio'/><address type='pci' bus='0x09'/>");
  model::VirtualMachine wanted = two;
  wanted.disks.erase(wanted.disks.begin());
  const std::string result = merged(there, wanted);
  EXPECT_EQ(read_domain(result), wanted);
  EXPECT_THAT(result, HasSubstr("bus='0x09'"));
  EXPECT_THAT(result, Not(HasSubstr("bus='0x04'")));
}

TEST(Merge, AnInterfaceWithANewMacStaysInItsSlot) {
  model::VirtualMachine wanted = as_it_is();
  wanted.interfaces[0].mac = model::parse_mac("52:54:00:00:00:99");
  const std::string result = merged(existing_machine(), wanted);
  EXPECT_EQ(read_domain(result), wanted);
  EXPECT_THAT(result, HasSubstr("<address type='pci' bus='0x01'/>"));
}

TEST(Merge, ADeviceOfAnotherKindLosesItsOldAddress) {
  model::VirtualMachine wanted = as_it_is();
  wanted.interfaces[0].model = model::InterfaceModel::e1000;
  EXPECT_THAT(merged(existing_machine(), wanted), Not(HasSubstr("bus='0x01'")));
  wanted = as_it_is();
  wanted.machine = "pc";
  const std::string result = merged(existing_machine(), wanted);
  EXPECT_THAT(result, Not(HasSubstr("type='pci'")));
  EXPECT_THAT(result, HasSubstr("<hostdev "));
}

TEST(Merge, AnotherCpuModeKeepsNothingOfTheOld) {
  const std::string there =
      replaced(existing_machine(), "<clock ",
               "<cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model></cpu><clock ");
  model::VirtualMachine wanted = read_domain(there);
  EXPECT_EQ(wanted.cpu.mode, std::nullopt);
  wanted.cpu.mode = model::CpuMode::maximum;
  const std::string result = merged(there, wanted);
  EXPECT_THAT(result, HasSubstr("<cpu mode='maximum' check='none' migratable='on'/>"));
  EXPECT_THAT(result, Not(HasSubstr("qemu64")));
}

TEST(Merge, ADeviceOrderReplacesTheGeneralOne) {
  const std::string there = replaced(existing_machine(), "<boot dev='hd'/>", "<boot dev='network'/><boot dev='hd'/>");
  model::VirtualMachine wanted = read_domain(there);
  wanted.disks[0].boot_order = 1;
  const std::string result = merged(there, wanted);
  EXPECT_THAT(result, HasSubstr("<boot order='1'/>"));
  EXPECT_THAT(result, Not(HasSubstr("<boot dev=")));
}

TEST(Merge, OtherFirmwareDropsTheOldLoaderAndVariables) {
  model::VirtualMachine efi = machine();
  efi.firmware.type = model::FirmwareType::efi;
  const std::string there =
      replaced(write_domain(efi), "<boot dev='hd'/>",
               "<loader readonly='yes' type='pflash'>/o.fd</loader><nvram>/v.fd</nvram><boot dev='hd'/>");
  EXPECT_TRUE(is_same(merged(there, efi), there));
  const std::string result = merged(there, machine());
  EXPECT_THAT(result, Not(HasSubstr("pflash")));
  EXPECT_THAT(result, Not(HasSubstr("nvram")));
  EXPECT_EQ(read_domain(result), machine());
}

TEST(Merge, ANewOrderIsKept) {
  model::VirtualMachine two = machine();
  two.interfaces.push_back(tests::network_interface("dmz", "52:54:00:00:00:02"));
  const std::string there =
      replaced(write_domain(two), "<model type='virtio'/>", "<model type='virtio'/><alias name='ua-first'/>");
  model::VirtualMachine wanted = two;
  std::swap(wanted.interfaces[0], wanted.interfaces[1]);
  const std::string result = merged(there, wanted);
  EXPECT_EQ(read_domain(result), wanted);
  EXPECT_LT(result.find("52:54:00:00:00:02'/>"), result.find("ua-first"));
  EXPECT_FALSE(is_same(result, there));
}

TEST(Merge, WhatAHandRemovedStaysAwayUntilItIsChanged) {
  const std::string there = replaced(existing_machine(), "<memballoon model='virtio' freePageReporting='on'/>", "");
  model::VirtualMachine wanted = read_domain(there);
  wanted.cpu.count = 2;
  EXPECT_THAT(merged(there, wanted), Not(HasSubstr("memballoon")));
}

TEST(Merge, EditsThatNoLongerFitDoNotStopAChange) {
  model::VirtualMachine edited = machine();
  edited.xml = {{.xpath = "./devices/disk[2]/@device", .set = "lun", .add = {}, .remove = false}};
  edited.disks.push_back(tests::disk("data", "/data.qcow2"));
  model::assign_targets(edited);
  // The second disk was detached by a hand; the manifest that no longer edits it can still be applied.
  std::string there = write_domain(edited);
  const auto start = there.find("    <disk type='file' device='lun'>");
  there.erase(start, there.find("</disk>", start) + 8 - start);
  EXPECT_EQ(merged(there, machine()), merged(merged(there, machine()), machine()));
  EXPECT_EQ(read_domain(merged(there, machine())), machine());
}

TEST(Merge, AdoptsAMachineOfAnotherTool) {
  const std::string there =
      "<domain type='qemu'><name>web</name><memory>1048576</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
      "<devices><disk type='file'><source file='/a.img'/><target dev='vda'/></disk></devices></domain>";
  model::VirtualMachine wanted = read_domain(there);
  wanted.labels["tier"] = "web";
  const std::string result = merged(there, wanted);
  EXPECT_EQ(read_domain(result), wanted);
  EXPECT_THAT(result, Not(HasSubstr("memballoon")));
}

std::string existing_network() {
  return replaced(replaced(write_network(tests::network()), "</dhcp>",
                           "<host mac='52:54:00:00:00:07' ip='192.168.140.7'/><bootp file='pxe'/></dhcp>"),
                  "</network>", "<portgroup name='slow'/></network>");
}

std::string merged(const model::Network& wanted) {
  return merge(existing_network(), rewrite_network(existing_network()), write_network(wanted));
}

TEST(MergeNetwork, KeepsReservationsAndWhatOthersAdded) {
  model::Network wanted = read_network(existing_network());
  EXPECT_TRUE(is_same(merged(wanted), existing_network()));
  wanted.domain = {"lab.internal", true};
  wanted.addresses[0].dhcp->hosts.push_back(
      {"db", model::parse_mac("52:54:00:00:00:08"), *model::parse_ip("192.168.140.8")});
  const std::string result = merged(wanted);
  EXPECT_EQ(read_network(result), wanted);
  EXPECT_THAT(result, HasSubstr("<bootp file='pxe'/>"));
  EXPECT_THAT(result, HasSubstr("<portgroup name='slow'/>"));
}

TEST(MergeNetwork, AReservationIsOneOfItsMac) {
  model::Network wanted = read_network(existing_network());
  wanted.addresses[0].dhcp->hosts[0].address = *model::parse_ip("192.168.140.9");
  const std::string result = merged(wanted);
  EXPECT_THAT(result, HasSubstr("<host mac='52:54:00:00:00:07' ip='192.168.140.9'/>"));
  EXPECT_THAT(result, Not(HasSubstr("192.168.140.7")));
}

TEST(MergeNetwork, APrefixLengthThatAnotherToolWroteGivesWay) {
  const std::string there = replaced(existing_network(), "netmask='255.255.255.0'", "prefix='24'");
  model::Network wanted = read_network(there);
  EXPECT_TRUE(is_same(merge(there, rewrite_network(there), write_network(wanted)), there));
  wanted.addresses[0].prefix = model::parse_prefix("192.168.140.1/20");
  const std::string result = merge(there, rewrite_network(there), write_network(wanted));
  EXPECT_EQ(read_network(result), wanted);
  EXPECT_THAT(result, Not(HasSubstr("prefix=")));
}

TEST(IsSame, IgnoresLayoutAndOrderOfAttributesOnly) {
  EXPECT_TRUE(is_same("<a x='1' y='2'><b/></a>", "<a y=\"2\" x=\"1\">\n  <b></b>\n</a>"));
  EXPECT_TRUE(is_same("<a>t</a>", "<a>\n t </a><!-- end -->"));
  for (const char* other : {"<a x='1'/>", "<b/>", "<a>t</a>", "<a><c/></a>", "<a><c/><b/></a>"}) {
    EXPECT_FALSE(is_same("<a><b/><c/></a>", other)) << other;
  }
}

TEST(Merge, BrokenXmlIsInvalidInput) {
  EXPECT_EQ(error_of([] { merge("<a", "<a/>", "<a/>"); }).kind(), util::Errc::invalid_input);
  EXPECT_EQ(error_of([] { is_same("<a/>", ""); }).kind(), util::Errc::invalid_input);
}

}  // namespace
}  // namespace vmtool::xml
