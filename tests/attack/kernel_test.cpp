// System calls and kernel knobs that a container must not reach. Only opened or called, never written to.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "util/fd.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

/// The probe inside: tries calls by number and prints the errno of each (tests/attack/probe.cpp).
std::string probe(Bundle& bundle, std::vector<std::string> words) {
  std::filesystem::copy_file(std::getenv("VMTOOL_PROBE"), bundle.root() / "bin/probe",
                             std::filesystem::copy_options::overwrite_existing);
  words.insert(words.begin(), "/bin/probe");
  const auto result = bundle.args(std::move(words)).run();
  return result.out + result.err;
}

void unconfine(Bundle& bundle) { bundle.config["annotations"]["org.vmtool.seccomp"] = "unconfined"; }

TEST(AttackKernel, CVE_2022_0185_MountCallsOldAndNewAndNamespaces) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const std::vector<std::string> calls{"mount",       "unshare",  "fsopen", "open_tree", "keyctl", "bpf",
                                       "userfaultfd", "io_uring", "ptrace", "perf",      "clone"};
  EXPECT_EQ(probe(bundle, calls),
            "mount EPERM\nunshare EPERM\nfsopen EPERM\nopen_tree EPERM\nkeyctl EPERM\nbpf EPERM\nuserfaultfd "
            "EPERM\nio_uring EPERM\nptrace EPERM\nperf EPERM\nclone EPERM\n");
  unconfine(bundle);
  const std::string open = probe(bundle, calls);
  for (const char* allowed : {"unshare ok", "keyctl ok", "ptrace ok", "clone ok"})
    EXPECT_THAT(open, HasSubstr(allowed)) << "the filter is what refuses it";
}

TEST(AttackKernel, CallsNobodyKnowsAndTheFlagsOfClone3) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  EXPECT_EQ(probe(bundle, {"clone3", "470", "1073741827"}), "clone3 ENOSYS\n470 ENOSYS\n1073741827 ENOSYS\n");
}

TEST(AttackKernel, NewCallsAndForeignEntries) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, statmount, listmount, open_tree_attr
  for (const char* number : {"428", "429", "430", "431", "432", "433", "442", "457", "458", "467"}) {
    EXPECT_EQ(probe(bundle, {number}), std::string(number) + " EPERM\n");
  }
  // open_by_handle_at, add_key, request_key, kexec_load, init_module, delete_module, setns, pivot_root, swapon, reboot, acct, quotactl
  for (const char* number : {"304", "248", "249", "246", "175", "176", "308", "155", "167", "169", "163", "179"}) {
    EXPECT_EQ(probe(bundle, {number}), std::string(number) + " EPERM\n");
  }
  EXPECT_THAT(probe(bundle, {"int80"}), testing::AnyOf("int80 EPERM\n", "int80 ENOSYS\n"));
}

TEST(AttackKernel, CVE_2021_3493_OverlayMarksAndFileCapabilitiesCanNotBeSet) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  std::filesystem::copy_file(std::getenv("VMTOOL_PROBE"), bundle.root() / "tmp/setuid");
  EXPECT_EQ(probe(bundle, {"overlay-xattr", "file-capability"}), "overlay-xattr EPERM\nfile-capability EPERM\n");
  for (const char* set : {"bounding", "effective", "permitted"})
    bundle.config["process"]["capabilities"][set].push_back("CAP_SETFCAP");
  EXPECT_THAT(probe(bundle, {"file-capability"}), HasSubstr("file-capability ok")) << "with CAP_SETFCAP it can";
}

TEST(AttackKernel, MaskedPathsStayMaskedByOtherWays) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto result = bundle
                          .script(
                              "umount /proc/keys 2>/dev/null && echo unmounted; mount -o remount,rw /proc/sys "
                              "2>/dev/null && echo remounted; "
                              "mkdir /tmp/p; mount -t proc proc /tmp/p 2>/dev/null && echo mounted; "
                              "cat /proc/self/root/proc/keys /proc/1/root/proc/keys /proc/1/task/1/root/proc/keys; "
                              "cd /proc/1/cwd/proc && cat keys; cat /proc/self/cwd/keys; echo done")
                          .run();
  EXPECT_EQ(result.out, "done\n") << result.err;
  bundle.config["linux"].erase("maskedPaths");
  EXPECT_NE(bundle.script("cat /proc/keys").run().out, "") << "without the mask there are keys to see";
}

TEST(AttackKernel, CVE_2020_15257_AbstractSocketsOfTheHost) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const std::string name = "vmtool-attack-" + std::to_string(::getpid());
  const util::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())),
            0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  EXPECT_THAT(bundle.args({"cat", "/proc/net/unix"}).run().out, testing::Not(HasSubstr(name)));
  auto& namespaces = bundle.config["linux"]["namespaces"];
  for (std::size_t i = namespaces.size(); i-- > 0;) {
    if (namespaces[i]["type"] == "network") namespaces.erase(i);
  }
  EXPECT_THAT(bundle.run().out, HasSubstr(name)) << "the host's network has to be asked for";
}

TEST(AttackKernel, TIOCSTI) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  EXPECT_EQ(probe(bundle, {"tiocsti", "tiocsti-high"}), "tiocsti EPERM\ntiocsti-high EPERM\n");
  unconfine(bundle);
  EXPECT_THAT(probe(bundle, {"tiocsti"}), testing::Not(HasSubstr("EPERM")));
}

TEST(AttackKernel, KnobsOfTheHostCanNotBeOpenedForWriting) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const std::string knobs =
      "for f in /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/panic_on_oom "
      "/proc/irq/default_smp_affinity; "
      "do [ -e $f ] || continue; (exec 3>>$f) 2>/dev/null && echo open $f; done; echo done";
  EXPECT_EQ(bundle.script(knobs).run().out, "done\n");
  bundle.config["linux"].erase("readonlyPaths");
  EXPECT_THAT(bundle.script(knobs).run().out, HasSubstr("open /proc/sys/kernel/core_pattern"))
      << "without the protection they open";
}

TEST(AttackKernel, CVE_2022_0492_ReleaseAgent) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", {"ro", "nosuid", "noexec", "nodev"});
  const std::string script =
      "for f in $(ls -d /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/release_agent "
      "2>/dev/null); do (exec 3>>$f) 2>/dev/null && echo open; done; "
      "mkdir /sys/fs/cgroup/memory/x 2>/dev/null && echo made; mkdir /tmp/c; mount -t cgroup -o memory c /tmp/c "
      "2>/dev/null && echo mounted; echo done";
  EXPECT_EQ(bundle.script(script).run().out, "done\n");
}

TEST(AttackKernel, MknodOfTheHostsDiskIsRefusedByTheDeviceController) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  for (const char* set : {"bounding", "effective", "permitted"})
    bundle.config["process"]["capabilities"][set].push_back("CAP_MKNOD");
  // Aimed at the memory device's harmless neighbour: 1:5 (zero) under another name is allowed, 1:1 (mem) is not.
  const std::string script = "rm -f /tmp/*; mknod /tmp/node c 1 1 && echo made; mknod /tmp/zero c 1 5 && echo zero";
  bundle.config["linux"]["resources"]["devices"] = {
      {{"allow", false}, {"access", "rwm"}},
      {{"allow", true}, {"type", "c"}, {"major", 1}, {"minor", 5}, {"access", "rwm"}}};
  const auto refused = bundle.script(script).run();
  EXPECT_EQ(refused.out, "zero\n") << refused.err;
  bundle.config["linux"]["resources"].erase("devices");
  EXPECT_EQ(bundle.script(script).run().out, "made\nzero\n");
}

TEST(AttackKernel, ASetuidProgramGivesNothing) {
  VMTOOL_NEEDS("root");
  Bundle bundle;
  const auto program = bundle.root() / "tmp/setuid";
  std::filesystem::copy_file(std::getenv("VMTOOL_PROBE"), program);
  std::filesystem::permissions(program, std::filesystem::perms::set_uid | std::filesystem::perms::all);
  std::filesystem::permissions(bundle.path(), std::filesystem::perms::all);
  bundle.config["process"]["user"] = {{"uid", 1000}, {"gid", 1000}};
  const std::vector<std::string> command{"/tmp/setuid", "root"};
  EXPECT_EQ(bundle.args(command).run().out, "root EPERM\n");
  bundle.config["process"]["noNewPrivileges"] = false;
  EXPECT_EQ(bundle.args(command).run().out, "root ok\n") << "without no_new_privs it does";
}

}  // namespace
}  // namespace vmtool::tests
