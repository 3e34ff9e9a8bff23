#include "xml/clone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.hpp"
#include "util/random.hpp"
#include "xml/clone_source.hpp"

namespace vmtool::xml {
namespace {

using testing::HasSubstr;
using testing::Not;

CloneValues values_for(const std::string& name) {
  CloneValues values;
  values.name = name;
  values.uuid = util::random_uuid();
  values.macs = {"52:54:00:00:00:01"};
  values.mark = {"web", "", "full", {}};
  values.random = util::fill_random;
  return values;
}

std::string domain(const std::string& rest) {
  return "<domain type='qemu'>\n  <name>web</name>\n  <uuid>11111111-2222-4333-8444-555555555555</uuid>\n" + rest +
         "</domain>\n";
}

std::string devices(const std::string& rest) { return domain("  <devices>\n" + rest + "  </devices>\n"); }

TEST(PathFor, RenamesTheLastPartOnlyWhereTheNameStandsAsAWord) {
  EXPECT_EQ(path_for("/run/web.sock", "web", "db"), "/run/db.sock");
  EXPECT_EQ(path_for("/run/my-web-2.sock", "web", "db"), "/run/my-db-2.sock");
  // A directory of another name need not exist.
  EXPECT_EQ(path_for("/srv/web/serial.log", "web", "db"), "/srv/web/db-serial.log");
  EXPECT_EQ(path_for("/run/webserver.sock", "web", "db"), "/run/db-webserver.sock");
  EXPECT_EQ(path_for("/run/cobweb.web", "web", "db"), "/run/cobweb.db");
  EXPECT_EQ(path_for("web", "web", "db"), "db");
  EXPECT_EQ(path_for("/a/", "web", "db"), "/a/db-");
}

TEST(CloneDomain, KeepsWhatIsNotIdentityToTheByte) {
  const std::string rest =
      "  <title>a &lt; b &amp; c</title>\n  <metadata>\n    <o:x xmlns:o='urn:other'>  <o:y/> text </o:x>\n  "
      "</metadata>\n"
      "  <memory unit='KiB'>65536</memory>\n  <!-- by hand -->\n  <qemu:commandline "
      "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n"
      "    <qemu:arg value='-foo'/>\n  </qemu:commandline>\n";
  std::string clone = clone_domain(domain(rest), values_for("web2")).xml;
  EXPECT_THAT(
      clone,
      HasSubstr(
          "  <title>a &lt; b &amp; c</title>\n  <metadata>\n    <o:x xmlns:o='urn:other'>  <o:y/> text </o:x>\n  "));
  EXPECT_THAT(clone, HasSubstr(rest.substr(rest.find("  <memory"))));
}

TEST(CloneDomain, WantsAMacForEachInterface) {
  const std::string two = devices("<interface type='user'/><interface type='user'/>");
  EXPECT_THROW(clone_domain(two, values_for("web2")), util::Error);
}

TEST(CloneDomain, SharesADiskThatWasNotCopiedAndSaysSo) {
  const ClonedDomain clone = clone_domain(
      devices("<disk type='file' device='disk'><source file='/a.raw'/><target dev='vda'/><serial>S</serial></disk>"),
      values_for("web2"));
  EXPECT_THAT(clone.xml, HasSubstr("<source file='/a.raw'/><target dev='vda'/><serial>S</serial>"));
  const auto& item = clone.items.back();
  EXPECT_EQ(item.item, "disk");
  EXPECT_EQ(item.status, CloneStatus::kept);
}

TEST(CloneDomain, TurnsABlockDeviceIntoTheFileThatStandsOnIt) {
  CloneValues values = values_for("web2");
  values.disks["vda"] = {"/pool/web2-vda.qcow2", "web2-vda.qcow2", "qcow2", true};
  const std::string clone = clone_domain(devices("<disk type='block' device='disk'><driver name='qemu' type='raw' "
                                                 "cache='none'/><source dev='/dev/vg/web'/><target dev='vda'/></disk>"),
                                         values)
                                .xml;
  EXPECT_THAT(clone, HasSubstr("<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source "
                               "file='/pool/web2-vda.qcow2'/>"));
}

TEST(CloneDomain, GivesAConsoleThePortOfItsSerialPort) {
  const std::string port = "<source mode='bind' host='127.0.0.1' service='4555'/>";
  const std::string clone =
      clone_domain(devices("<serial type='tcp'>" + port + "</serial><console type='tcp'>" + port +
                           "</console><serial type='tcp'><source mode='bind' service='4556'/></serial>"),
                   values_for("web2"))
          .xml;
  const auto first = clone.find("service='4556'");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(clone.find("service='4556'", first + 1), std::string::npos);
  EXPECT_THAT(clone, HasSubstr("service='4557'"));
  EXPECT_THAT(clone, Not(HasSubstr("4555")));
}

TEST(CloneDomain, LeavesSocketsThatItOnlyConnectsTo) {
  const std::string channel = "<channel type='unix'><source mode='connect' path='/run/collector.sock'/></channel>";
  EXPECT_THAT(clone_domain(devices(channel), values_for("web2")).xml, HasSubstr(channel));
}

TEST(CloneDomain, RenewsWhatCloudInitReadsFromTheSerialNumber) {
  const std::string clone =
      clone_domain(domain("<sysinfo type='smbios'><system><entry "
                          "name='serial'>ds=nocloud;i=web-1;h=web;s=http://seed/</entry></system></sysinfo>"),
                   values_for("web2"))
          .xml;
  EXPECT_THAT(clone, testing::ContainsRegex("ds=nocloud;i=web2-[0-9a-f]{8};h=web2;s=http://seed/"));
}

TEST(CloneDomain, SaysWhatTwoMachinesCantUseAtOnce) {
  const ClonedDomain clone = clone_domain(
      devices("<hostdev mode='subsystem' type='pci'/><serial type='dev'><source path='/dev/ttyS0'/></serial>"),
      values_for("web2"));
  EXPECT_THAT(clone.warnings, testing::UnorderedElementsAre(HasSubstr("pci device"),
                                                            HasSubstr("device of the host that the source has")));
}

TEST(CloneMarks, AreReadBackAndReplacedByTheNextClone) {
  CloneValues values = values_for("web2");
  values.mark.disks = {{"vda", "/pool/web2-vda.qcow2"}};
  const std::string first = clone_domain(devices(""), values).xml;
  const auto mark = clone_mark(first);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->source, "web");
  EXPECT_EQ(mark->mode, "full");
  ASSERT_EQ(mark->disks.size(), 1u);
  EXPECT_EQ(mark->disks[0].second, "/pool/web2-vda.qcow2");
  CloneValues again = values_for("web3");
  again.mark.source = "web2";
  const auto second = clone_mark(clone_domain(first, again).xml);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->source, "web2");
  EXPECT_TRUE(second->disks.empty());
  EXPECT_EQ(clone_mark(devices("")), std::nullopt);
}

TEST(CloneSourceRead, KnowsDisksByTheirPlaceAndTheirUse) {
  const CloneSource source = read_clone_source(devices(
      "<disk type='file' device='disk'><driver type='qcow2'/><source file='/a.qcow2'/><target dev='vda'/></disk>"
      "<disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb'/><shareable/></disk>"
      "<disk type='file' device='cdrom'><target dev='sda'/></disk>"
      "<disk type='network' device='disk'><source protocol='rbd' name='x'/><target dev='vdc'/></disk>"));
  ASSERT_EQ(source.disks.size(), 4u);
  EXPECT_EQ(source.disks[0].path, "/a.qcow2");
  EXPECT_EQ(source.disks[0].format, "qcow2");
  EXPECT_EQ(source.disks[1].pool, "p");
  EXPECT_EQ(source.disks[1].format, "raw");
  EXPECT_TRUE(source.disks[1].is_shareable);
  EXPECT_TRUE(source.disks[2].is_read_only);
  EXPECT_TRUE(source.disks[2].is_empty());
  EXPECT_EQ(source.disks[3].type, "network");
  EXPECT_FALSE(source.is_template);
}

TEST(ClaimedPorts, AreThoseOfListenersAndScreens) {
  EXPECT_THAT(
      claimed_ports(devices("<serial type='tcp'><source mode='bind' service='4555'/></serial><serial "
                            "type='tcp'><source mode='connect' service='99'/></serial>"
                            "<graphics type='vnc' port='5901' websocket='5701'/><graphics type='spice' port='-1'/>")),
      testing::ElementsAre(4555, 5901, 5701));
}

TEST(WithDisk, MovesOneDiskAndNothingElse) {
  const std::string before = devices(
      "    <disk type='file' device='disk'>\n      <driver name='qemu' type='raw'/>\n      <source file='/a.raw'/>\n   "
      "   <target dev='vda'/>\n    </disk>\n");
  std::string expected = before;
  expected.replace(expected.find("type='raw'"), 10, "type='qcow2'");
  expected.replace(expected.find("/a.raw"), 6, "/a-2.qcow2");
  EXPECT_EQ(with_disk(before, "vda", {"/a-2.qcow2", "a-2.qcow2", "qcow2", true}), expected);
}

TEST(WithDisk, MovesWhatACloneOwns) {
  CloneValues values = values_for("web2");
  values.disks["vda"] = {"/pool/web2-vda.raw", "web2-vda.raw", "raw", false};
  values.mark.disks = {{"vda", "/pool/web2-vda.raw"}};
  const std::string clone =
      clone_domain(devices("<disk type='file' device='disk'><source file='/a.raw'/><target dev='vda'/></disk>"), values)
          .xml;
  const auto mark = clone_mark(with_disk(clone, "vda", {"/pool/web2-vda-2.qcow2", "web2-vda-2.qcow2", "qcow2", true}));
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->disks[0].second, "/pool/web2-vda-2.qcow2");
}

}  // namespace
}  // namespace vmtool::xml
