// Clones by the program itself: they boot beside their source, and each is somebody else inside.

#include "tests/e2e/scene.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/guest_image.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

// The guest writes to the sector at 1 MiB, which is in front of the partition.
constexpr std::uint64_t partition_offset = 2 << 20;

class CloneProgram : public Scene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    VMTOOL_NEEDS("tcg");
    Scene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ::setenv("VMTOOL_STATE_DIR", state_.path().c_str(), 1);
    const GuestFiles files;
    const auto raw = dir_.path() / "golden.raw";
    make_ext(raw, files, {"-t", "ext4", "-b", "4096"}, 24, partition_offset);
    std::filesystem::resize_file(raw, 32 << 20);
    partition(raw, "label: gpt\nstart=4096, size=49152, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n");
    util::run_checked({.args = {"qemu-img", "convert", "-O", "qcow2", raw, dir_.path() / "golden.qcow2"}});
    define(network_yaml + "---\nkind: Image\nname: vt-e2e-golden\nsource: {file: " +
           (dir_.path() / "golden.qcow2").native() + "}\n---\n" +
           "kind: VirtualMachine\nname: vt-e2e-src\ndomainType: qemu\nmemory: {size: 128MiB}\nboot: {kernel: " +
           tiny_guest() + "/vmlinuz, initrd: " + tiny_guest() +
           "/initrd.img, cmdline: console=ttyS0 quiet}\n"
           "disks: [{name: root, image: vt-e2e-golden, backing: full}]\n"
           "interfaces: [{name: lan, network: vt-e2e-net, address: 10.231.77.10}]\n");
  }
  void TearDown() override {
    Scene::TearDown();
    ::unsetenv("VMTOOL_STATE_DIR");
  }

  static nlohmann::json clones(std::vector<std::string> args) {
    args.insert(args.begin(), "clone");
    return json_of(args).at("clones");
  }
  std::string inside(const std::string& disk, const std::string& path) const {
    const auto raw = dir_.path() / "look.raw";
    util::run_checked({.args = {"qemu-img", "convert", "-U", "-O", "raw", disk, raw}});
    return std::string(util::trim(guest_file(raw, path, partition_offset)));
  }
  static std::string address_of(const std::string& name) {
    const auto waited = vmtool({"wait", name, "--for", "ip", "--timeout", "2m"});
    EXPECT_EQ(waited.exit_code, 0) << testing::PrintToString(waited);
    return std::string(util::trim(waited.out));
  }
  static util::Result refused(std::vector<std::string> args) {
    args.insert(args.begin(), "clone");
    const auto result = vmtool(args);
    EXPECT_EQ(count_errors(result.err), 1) << testing::PrintToString(result);
    return result;
  }

  TempDir state_;
};

TEST_F(CloneProgram, LinkedAndFullClonesBootBesideTheirSource) {
  const auto linked = clones({"vt-e2e-src", "vt-e2e-linked", "--mode", "linked"}).at(0);
  const auto full = clones({"vt-e2e-src", "vt-e2e-full", "--mode", "full"}).at(0);
  std::set<std::string> ids{old_machine_id};
  for (const auto& clone : {linked, full}) {
    const std::string disk = clone.at("disks").at(0).at("path");
    EXPECT_EQ(inside(disk, "/etc/machine-id"), clone.at("machineId"));
    EXPECT_EQ(inside(disk, "/etc/hostname"), clone.at("name"));
    ids.insert(clone.at("machineId"));
  }
  EXPECT_EQ(ids.size(), 3u);
  std::set<std::string> addresses;
  for (const char* name : {"vt-e2e-src", "vt-e2e-linked", "vt-e2e-full"}) {
    const auto started = vmtool({"start", name});
    EXPECT_EQ(started.exit_code, 0) << testing::PrintToString(started);
  }
  for (const char* name : {"vt-e2e-src", "vt-e2e-linked", "vt-e2e-full"}) {
    addresses.insert(address_of(name));
    const auto dns = util::run({.args = {"busybox", "nslookup", name, "10.231.77.1"}});
    EXPECT_THAT(dns.out, HasSubstr(address_of(name)));
  }
  EXPECT_EQ(addresses, (std::set<std::string>{"10.231.77.10", "10.231.77.11", "10.231.77.12"}));
  for (const char* name : {"vt-e2e-linked", "vt-e2e-full", "vt-e2e-src"}) {
    const auto deleted = vmtool({"delete", name, "--force", "--yes"});
    EXPECT_EQ(deleted.exit_code, 0) << testing::PrintToString(deleted);
  }
  // What is left is the former disk of the source: the base that nobody stands on any more.
  const auto volumes = virsh({"vol-list", "default"});
  EXPECT_THAT(volumes.out, testing::AllOf(HasSubstr("vt-e2e-src-root.qcow2"), Not(HasSubstr("vt-e2e-linked")),
                                          Not(HasSubstr("vt-e2e-full")), Not(HasSubstr("vt-e2e-src-root-2"))));
}

TEST_F(CloneProgram, FiveAtOnceAreFiveMachines) {
  const auto five = clones({"vt-e2e-src", "vt-e2e-n", "--mode", "linked", "--count", "5"});
  ASSERT_EQ(five.size(), 5u);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < five.size(); ++i) {
    EXPECT_EQ(five[i].at("name"), "vt-e2e-n-" + std::to_string(i + 1));
    ids.insert(inside(five[i].at("disks").at(0).at("path"), "/etc/machine-id"));
  }
  EXPECT_EQ(ids.size(), 5u);
  const auto started = vmtool({"start", "vt-e2e-n-3"});
  EXPECT_EQ(started.exit_code, 0) << testing::PrintToString(started);
  EXPECT_EQ(address_of("vt-e2e-n-3"), "10.231.77.13");
}

TEST_F(CloneProgram, PrintsEveryItemOldAndNew) {
  const auto table = vmtool({"clone", "vt-e2e-src", "vt-e2e-shown", "--mode", "full"});
  EXPECT_EQ(table.exit_code, 0) << testing::PrintToString(table);
  EXPECT_THAT(table.out, testing::AllOf(HasSubstr("vt-e2e-shown is a clone of vt-e2e-src"), HasSubstr("ITEM"),
                                        HasSubstr(old_machine_id), HasSubstr("reservation")));
  const auto names = vmtool({"clone", "vt-e2e-src", "vt-e2e-named", "--mode", "full", "-o", "name"});
  EXPECT_EQ(names.out, "vt-e2e-named\n");
  const auto dry = vmtool({"clone", "vt-e2e-src", "vt-e2e-dry", "--dry-run"});
  EXPECT_THAT(dry.out, HasSubstr("vt-e2e-dry is a clone"));
  EXPECT_THAT(virsh({"list", "--all", "--name"}).out, Not(HasSubstr("vt-e2e-dry")));
}

TEST_F(CloneProgram, RefusesWithOneErrorAndTheRightCode) {
  EXPECT_EQ(refused({"vt-e2e-none", "vt-e2e-x"}).exit_code, 4);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-src"}).exit_code, 5);
  EXPECT_EQ(refused({"vt-e2e-src", "../etc"}).exit_code, 3);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--machine-id", "nonsense"}).exit_code, 3);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--keep", "machine-ids"}).exit_code, 3);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--mode", "clever"}).exit_code, 2);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--mode", "linked", "--flatten"}).exit_code, 2);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--mode", "linked", "--live"}).exit_code, 2);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--snapshot", "s", "--live"}).exit_code, 2);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--snapshot", "s"}).exit_code, 4);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--count", "0"}).exit_code, 2);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--address", "10.231.77.10.4"}).exit_code, 2);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--address", "10.231.77.1"}).exit_code, 5);
  EXPECT_EQ(refused({"vt-e2e-src", "vt-e2e-x", "--mode", "reflink"}).exit_code, 6);
}

// What is on a terminal, from when it is begun until it says something.
class Terminal {
 public:
  Terminal() {
    int ours = -1;
    int theirs = -1;
    if (::openpty(&ours, &theirs, nullptr, nullptr, nullptr) != 0) throw util::SysError(errno, "opening a terminal");
    ours_ = util::Fd(ours);
    theirs_ = util::Fd(theirs);
    ::fcntl(ours, F_SETFD, FD_CLOEXEC);
    ::fcntl(theirs, F_SETFD, FD_CLOEXEC);
  }
  int descriptor() const { return theirs_.get(); }
  // Reads until `words` were shown, or nobody is left to show them.
  std::string read_until(const std::string& words) {
    theirs_.reset();
    std::string shown;
    std::array<char, 512> part{};
    while (shown.find(words) == std::string::npos) {
      const ssize_t got = ::read(ours_.get(), part.data(), part.size());
      if (got <= 0) break;
      shown.append(part.data(), static_cast<std::size_t>(got));
    }
    return shown;
  }

 private:
  util::Fd ours_;
  util::Fd theirs_;
};

TEST_F(CloneProgram, ShowsHowFarItIsAndLeavesNothingAfterCtrlC) {
  const std::filesystem::path disk = "/var/lib/libvirt/images/vt-e2e-large.raw";
  std::ofstream(disk, std::ios::binary) << std::string(256 << 20, 'd');
  const auto file = dir_.write("large.xml",
                               "<domain type='qemu'><name>vt-e2e-large</name><memory unit='MiB'>32</memory><os><type "
                               "arch='x86_64'>hvm</type></os><devices><disk type='file' device='disk'>"
                               "<driver name='qemu' type='raw'/><source file='" +
                                   disk.native() + "'/><target dev='vda' bus='virtio'/></disk></devices></domain>");
  ASSERT_EQ(virsh({"define", file.native()}).exit_code, 0);
  virsh({"pool-refresh", "default"});
  const std::string before = virsh({"vol-list", "default"}).out + virsh({"list", "--all", "--name"}).out;
  Terminal terminal;
  util::Child child = util::spawn({.args = {std::getenv("VMTOOL_PROGRAM"), "--connect", "qemu:///system", "clone",
                                            "vt-e2e-large", "vt-e2e-copy", "--mode", "full", "--identity", "none"}},
                                  {.in = -1, .out = -1, .err = terminal.descriptor()});
  const std::string bar = terminal.read_until(" %");
  ::kill(child.pid(), SIGINT);
  const std::string rest = terminal.read_until("no such words");
  EXPECT_EQ(child.wait(), 130) << bar << rest;
  EXPECT_THAT(bar, HasSubstr("copying '" + disk.native() + "'"));
  EXPECT_THAT(rest, HasSubstr("interrupted"));
  virsh({"pool-refresh", "default"});
  EXPECT_EQ(virsh({"vol-list", "default"}).out + virsh({"list", "--all", "--name"}).out, before);
  EXPECT_FALSE(std::filesystem::exists("/var/lib/libvirt/images/vt-e2e-copy-vda.raw"));
  EXPECT_THAT(vmtool({"recover"}).err, HasSubstr("nothing was left behind"));
}

TEST_F(CloneProgram, RecoverHasNothingToDoAfterwards) {
  clones({"vt-e2e-src", "vt-e2e-a", "--mode", "linked"});
  const auto recovered = vmtool({"recover"});
  EXPECT_EQ(recovered.exit_code, 0);
  EXPECT_THAT(recovered.err, HasSubstr("nothing was left behind"));
  EXPECT_EQ(json_of({"recover"}).at("recoveries").size(), 0u);
}

}  // namespace
}  // namespace vmtool::tests
