// Clones of a real machine on a real daemon, looked at by debugfs, qemu-img and libvirt itself.
#include <gmock/gmock.h>

#include <set>

#include "ops/delete_machine.hpp"
#include "ops/lifecycle.hpp"
#include "storage/seed.hpp"
#include "tests/integration/ops/clone_scene.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"
#include "xml/clone.hpp"

namespace vmtool::tests {
namespace {

using ops::CloneMode;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string new_value(const ops::CloneReport& report, const std::string& item) {
  for (const auto& each : report.items) {
    if (each.item == item) return each.new_value;
  }
  return "no item " + item;
}

std::string path_of(const ops::CloneReport& report, const std::string& target) {
  for (const auto& disk : report.disks) {
    if (disk.target == target) return disk.path;
  }
  return "no disk " + target;
}

class Clone : public CloneScene {
 protected:
  // What the issue asks of every clone, whatever its mode.
  void expect_a_machine_of_its_own(const ops::CloneReport& report) const {
    const std::string root = path_of(report, "vda");
    ASSERT_TRUE(report.identity);
    EXPECT_EQ(report.identity->machine_id.size(), 32u);
    EXPECT_NE(report.identity->machine_id, old_machine_id);
    EXPECT_EQ(inside(root, "/etc/machine-id"), report.identity->machine_id + "\n");
    EXPECT_EQ(inside(root, "/var/lib/dbus/machine-id"), report.identity->machine_id + "\n");
    EXPECT_EQ(inside(root, "/etc/hostname"), report.name + "\n");
    ASSERT_EQ(report.identity->host_public_keys.size(), 1u);
    EXPECT_THAT(inside(root, "/etc/ssh/ssh_host_ed25519_key.pub"),
                HasSubstr(report.identity->host_public_keys[0].substr(0, 60)));
    EXPECT_THAT(inside(root, "/etc/systemd/network/10-lan.network"),
                AllOf(HasSubstr("MACAddress=" + new_value(report, "mac")), Not(HasSubstr("c1:00:01"))));
    const auto domain = connect().find_domain(report.name);
    ASSERT_TRUE(domain);
    const std::string xml = domain->xml(virt::Flavor::inactive);
    for (const char* old :
         {"<name>vt-clone-src<", "aaaaaaaa-bbbb", "<uuid>11111111", "SRCROOT", "52:54:00:c1:00:01", "vt-clone-src_VARS",
          "vt-clone-src-root.qcow2'", "vt-clone-src-data", "vt-clone-src-serial"}) {
      EXPECT_THAT(xml, Not(HasSubstr(old)));
    }
    EXPECT_THAT(xml, HasSubstr("vt-clone-reference.raw")) << "what is read-only stays shared";
    EXPECT_EQ(digest(firmware_dir_.path() / (report.name + "_VARS.fd")), digest("/usr/share/OVMF/OVMF_VARS_4M.fd"));
    EXPECT_EQ(util::run({.args = {"qemu-img", "check", "-q", root}}).exit_code, 0);
  }
};

TEST_F(Clone, FullCopyIsAMachineOfItsOwn) {
  const std::string before = source_print();
  const auto reports = clone(options(CloneMode::full));
  ASSERT_EQ(reports.size(), 1u);
  expect_a_machine_of_its_own(reports[0]);
  EXPECT_EQ(source_print(), before);
  EXPECT_EQ(new_value(reports[0], "reservation"), "10.217.9.11") << "the first free address after the source's";
  EXPECT_THAT(traces(), AllOf(Contains("reservation 10.217.9.11"), Contains("volume vt-clone-a-vda.qcow2"),
                              Contains("volume vt-clone-a-vdb.raw"), Not(Contains(HasSubstr("journal")))));
  EXPECT_EQ(util::read_file(path_of(reports[0], "vdb"), 2 << 20), std::string(1 << 20, 'd'));
}

TEST_F(Clone, AutoNeverChangesTheSource) {
  const std::string before = source_print();
  const auto reports = clone(options(CloneMode::automatic));
  EXPECT_EQ(reports[0].disks[0].way, "full") << "the pool's file system has no reflinks, and the source is no template";
  EXPECT_EQ(source_print(), before);
}

TEST_F(Clone, LinkedClonesStandOnABaseThatTheSourceLeaves) {
  const std::string base = digest(pool_file("vt-clone-src-root.qcow2"));
  const auto first = clone(options(CloneMode::linked));
  expect_a_machine_of_its_own(first[0]);
  EXPECT_EQ(digest(pool_file("vt-clone-src-root.qcow2")), base);
  EXPECT_THAT(connect().find_domain(clone_source)->xml(virt::Flavor::inactive),
              AllOf(HasSubstr("vt-clone-src-vda-2.qcow2"), HasSubstr("vt-clone-src-vdb-2.qcow2")));
  // The source wrote nothing since: the next clone stands on the same base.
  const auto second = clone(options(CloneMode::linked, {"vt-clone-b"}));
  expect_a_machine_of_its_own(second[0]);
  EXPECT_THAT(traces(), Not(Contains(HasSubstr("vda-3"))));
  expect_that_the_source_starts();
  const auto info = util::run_checked({.args = {"qemu-img", "info", path_of(second[0], "vda")}});
  EXPECT_THAT(info.out, HasSubstr("vt-clone-src-root.qcow2"));
}

TEST_F(Clone, ABaseIsNeitherStartedNorDeleted) {
  clone(options(CloneMode::full));
  ops::CloneOptions of_a = options(CloneMode::linked, {"vt-clone-b"});
  of_a.source = "vt-clone-a";
  clone(of_a);
  const virt::Connection connection = connect();
  const ops::Deletion moved = ops::plan_deletion(connection, "vt-clone-a", ops::Force::no);
  EXPECT_THAT(moved.own_paths, Contains(pool_file("vt-clone-a-vda-2.qcow2").native()))
      << "it has left the base, and may go";
  // As a template does, it stands on the base itself.
  const std::string xml = connection.find_domain("vt-clone-a")->xml(virt::Flavor::inactive);
  connection.define_domain(xml::with_disk(xml, "vda", {pool_file("vt-clone-a-vda.qcow2"), "", "qcow2", true}));
  const auto expect_refusal = [](const std::function<void()>& forbidden) {
    try {
      forbidden();
      FAIL() << "the base of a clone was given up";
    } catch (const util::Error& error) {
      EXPECT_EQ(error.kind(), util::Errc::conflict);
      EXPECT_THAT(error.message(), AllOf(HasSubstr("vt-clone-a-vda.qcow2"), HasSubstr("'vt-clone-b'")));
    }
  };
  expect_refusal([&] { ops::start(connection, "vt-clone-a", reporter_); });
  expect_refusal([&] { ops::plan_deletion(connection, "vt-clone-a", ops::Force::yes); });
}

TEST_F(Clone, DeletingACloneTakesWhatWasMadeForItAndNothingElse) {
  const auto before = traces();
  clone(options(CloneMode::full));
  const virt::Connection connection = connect();
  const ops::Deletion deletion = ops::plan_deletion(connection, "vt-clone-a", ops::Force::no);
  EXPECT_THAT(deletion.keeps, ElementsAre(HasSubstr("vt-clone-reference.raw")));
  ops::delete_machine(connection, deletion, reporter_);
  EXPECT_EQ(traces(), before);
}

TEST_F(Clone, SeveralAtOnceShareNothing) {
  const auto reports =
      clone(options(CloneMode::linked, {"vt-clone-1", "vt-clone-2", "vt-clone-3", "vt-clone-4", "vt-clone-5"}));
  ASSERT_EQ(reports.size(), 5u);
  std::set<std::string> ids, uuids, macs, addresses, keys, genids;
  for (const auto& report : reports) {
    ids.insert(report.identity->machine_id);
    uuids.insert(report.uuid);
    macs.insert(new_value(report, "mac"));
    addresses.insert(new_value(report, "reservation"));
    keys.insert(report.identity->host_public_keys.at(0));
    genids.insert(new_value(report, "genid"));
  }
  for (const auto& values : {ids, uuids, macs, addresses, keys, genids}) EXPECT_EQ(values.size(), 5u);
  expect_a_machine_of_its_own(reports[4]);
  EXPECT_THAT(traces(), Not(Contains(HasSubstr("journal"))));
}

TEST_F(Clone, OneOfSeveralThatFailsTakesTheOthersWithIt) {
  const auto before = traces();
  const auto print = source_print();
  EXPECT_THROW(clone(options(CloneMode::linked, {"vt-clone-1", "vt-clone-2", "vt-clone-3"}),
                     [](const std::string& moment) {
                       if (moment == "after machine 'vt-clone-2'") throw util::Error(util::Errc::io, "made to fail");
                     }),
               util::Error);
  EXPECT_EQ(traces(), before);
  EXPECT_EQ(source_print(), print);
}

TEST_F(Clone, FlattenLeavesNoBackingFile) {
  clone(options(CloneMode::linked));
  ops::CloneOptions flat = options(CloneMode::full, {"vt-clone-flat"});
  flat.source = "vt-clone-a";
  flat.flatten = true;
  const auto reports = clone(flat);
  const auto info = util::run_checked({.args = {"qemu-img", "info", path_of(reports[0], "vda")}});
  EXPECT_THAT(info.out, Not(HasSubstr("backing file")));
  expect_a_machine_of_its_own(reports[0]);
  // Without it the chain is kept.
  ops::CloneOptions kept = options(CloneMode::full, {"vt-clone-kept"});
  kept.source = "vt-clone-a";
  EXPECT_THAT(util::run_checked({.args = {"qemu-img", "info", path_of(clone(kept)[0], "vda")}}).out,
              HasSubstr("vt-clone-src-root.qcow2"));
}

TEST_F(Clone, WhatTheUserChoseIsWhatTheGuestHas) {
  ops::CloneOptions chosen = options(CloneMode::full);
  chosen.machine_id = "abcdefabcdefabcdefabcdefabcdefab";
  chosen.hostname = "web.example.org";
  chosen.keep = {"ssh-host-keys"};
  chosen.addresses = {{std::nullopt, *model::parse_ip("10.217.9.77")}};
  const auto report = clone(chosen)[0];
  EXPECT_EQ(inside(path_of(report, "vda"), "/etc/machine-id"), "abcdefabcdefabcdefabcdefabcdefab\n");
  EXPECT_THAT(inside(path_of(report, "vda"), "/etc/hostname"), HasSubstr("web"));
  EXPECT_EQ(inside(path_of(report, "vda"), "/etc/ssh/ssh_host_ed25519_key"), "old private\n");
  EXPECT_THAT(traces(), Contains("reservation 10.217.9.77"));
}

TEST_F(Clone, WithoutIdentityTheGuestIsItsSourcesTwin) {
  ops::CloneOptions none = options(CloneMode::full);
  none.identity_way = ops::IdentityWay::none;
  const auto report = clone(none)[0];
  EXPECT_FALSE(report.identity);
  EXPECT_EQ(inside(path_of(report, "vda"), "/etc/machine-id"), std::string(old_machine_id) + "\n");
  EXPECT_EQ(digest(path_of(report, "vda")), digest(pool_file("vt-clone-src-root.qcow2")));
}

TEST_F(Clone, TheSeedOfCloudInitIsMadeAnewForTheClone) {
  storage::write_seed(pool_file("vt-clone-src-seed.iso"),
                      {{"meta-data", "instance-id: src-1\nlocal-hostname: golden\n"},
                       {"user-data", "#cloud-config\nhostname: golden\npackages: [jq]\n"},
                       {"network-config", "match: {macaddress: '52:54:00:c1:00:01'}\n"}});
  const virt::Connection connection = connect();
  std::string xml = connection.find_domain(clone_source)->xml(virt::Flavor::inactive);
  xml.insert(xml.find("<controller"),
             "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='" +
                 pool_file("vt-clone-src-seed.iso").native() + "'/><target dev='sda' bus='sata'/><readonly/></disk>");
  connection.define_domain(xml);
  const std::string before = digest(pool_file("vt-clone-src-seed.iso"));
  const auto report = clone(options(CloneMode::full))[0];
  const std::string seed = path_of(report, "sda");
  EXPECT_EQ(seed, pool_file("vt-clone-a-seed.iso"));
  EXPECT_TRUE(storage::is_seed(seed));
  std::string all;
  for (const storage::SeedFile& file : storage::read_seed(seed)) all += file.name + "\n" + file.content;
  EXPECT_THAT(all, AllOf(HasSubstr("local-hostname: vt-clone-a\n"),
                         HasSubstr("instance-id: " + new_value(report, "instance-id") + "\n"),
                         HasSubstr("hostname: vt-clone-a\npackages: [jq]\n"), HasSubstr(new_value(report, "mac")),
                         Not(HasSubstr("golden")), Not(HasSubstr("src-1"))));
  EXPECT_EQ(digest(pool_file("vt-clone-src-seed.iso")), before);
  const ops::Deletion deletion = ops::plan_deletion(connection, "vt-clone-a", ops::Force::no);
  EXPECT_THAT(deletion.own_paths, Contains(seed));
}

TEST_F(Clone, APreviewChangesNothing) {
  const auto before = traces();
  const auto print = source_print();
  const auto reports = ops::preview_clone(connect(), options(CloneMode::linked));
  EXPECT_THAT(reports[0].identity->outcomes, Not(testing::IsEmpty()));
  EXPECT_EQ(new_value(reports[0], "name"), "vt-clone-a");
  EXPECT_EQ(traces(), before);
  EXPECT_EQ(source_print(), print);
}

}  // namespace
}  // namespace vmtool::tests
