// Clones of disks that only the daemon can open: on another host, and for a user who is not root. The identity is renewed by an appliance
// that the daemon runs.
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "ops/recover.hpp"
#include "tests/integration/ops/clone_scene.hpp"
#include "tests/support/fake_daemon.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using ops::CloneMode;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* real_socket = "/run/libvirt/libvirt-sock";
constexpr uid_t nobody = 65534;

class FarClone : public CloneScene {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("tcg");
    CloneScene::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char* name : {"vt-clone-src-root.qcow2", "vt-clone-src-data.raw"})
      std::filesystem::permissions(pool_file(name), std::filesystem::perms(0600));
    std::filesystem::permissions(pool_dir_.path(), std::filesystem::perms(0711));
    // The daemon takes who comes over the relay for root, as it takes a user of group libvirt for one who may do everything.
    relay_.emplace(FakeDaemon::Manner::forward, real_socket);
    std::filesystem::permissions(relay_->socket().parent_path(), std::filesystem::perms(0755));
    std::filesystem::permissions(relay_->socket(), std::filesystem::perms(0777));
    ASSERT_EQ(::chown(state_dir().c_str(), nobody, nobody), 0);
  }

  /// What `f` returns in a process of a user without rights; "killed" where it was, "error: …" with message, steps and hint for what it throws.
  std::string as_user(const std::function<std::string()>& f) const {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::unsetenv("XDG_RUNTIME_DIR");
      ::setenv("VMTOOL_STATE_DIR", state_dir().c_str(), 1);
      if (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
          ::setresuid(nobody, nobody, nobody) != 0)
        ::_exit(99);
      std::string answer;
      try {
        answer = f();
      } catch (const util::Error& error) {
        answer = "error: " + error.message();
        for (const std::string& step : error.steps()) answer += " / " + step;
        answer += " / " + error.hint();
      } catch (const std::exception& error) {
        answer = error.what();
      }
      util::write_all(ends[1], answer);
      ::_exit(0);
    }
    ::close(ends[1]);
    const util::Fd reader(ends[0]);
    std::string answer = util::read_all(reader.get(), 1 << 20);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? "killed" : answer;
  }

  virt::Connection connect_as_user() const { return virt::Connection::open(relay_->uri()); }
  /// The machine-id that the report names.
  std::string clone_as_user(const ops::CloneHooks& hooks, CloneMode mode = CloneMode::linked) const {
    return as_user([&] {
      QuietReporter quiet;
      return ops::clone(connect_as_user(), options(mode), quiet, hooks).at(0).identity.value().machine_id;
    });
  }
  std::string recover_as_user() const {
    return as_user([&] {
      std::string text;
      for (const auto& one : ops::recover(
               state_dir(), [](const std::string& uri) { return virt::Connection::open(uri); }, ops::Recover::act)) {
        text += std::string(ops::to_text(one.end)) + one.problem;
      }
      return text;
    });
  }
  std::vector<std::string> traces_and_appliances() const {
    std::vector<std::string> all = traces();
    for (const virt::Domain& domain : connect().domains()) {
      if (domain.name().starts_with("vmtool-appliance-")) all.push_back("machine " + domain.name());
    }
    return all;
  }
  // Fails where `how` does at the first moment of that beginning.
  ops::CloneHooks hooks_at(const std::string& moment, const std::function<void()>& how) const {
    return hooks([moment, how](const std::string& now) {
      if (now.starts_with(moment)) how();
    });
  }

  std::optional<FakeDaemon> relay_;
};

TEST_F(FarClone, AUserWhoCantOpenTheDisksGetsAFinishedClone) {
  const std::string base = digest(pool_file("vt-clone-src-root.qcow2"));
  const std::string id = clone_as_user(hooks());
  ASSERT_EQ(id.size(), 32u) << id;
  EXPECT_NE(id, old_machine_id);
  const auto disk = pool_file("vt-clone-a-vda.qcow2");
  EXPECT_EQ(inside(disk, "/etc/machine-id"), id + "\n");
  EXPECT_EQ(inside(disk, "/etc/hostname"), "vt-clone-a\n");
  EXPECT_THAT(inside(disk, "/etc/ssh/ssh_host_ed25519_key.pub"), StartsWith("ssh-ed25519 "));
  EXPECT_EQ(digest(pool_file("vt-clone-src-root.qcow2")), base);
  EXPECT_EQ(std::filesystem::status(disk).permissions(), std::filesystem::perms(0600));
  EXPECT_THAT(traces_and_appliances(), AllOf(Contains("machine vt-clone-a"), Not(Contains(HasSubstr("appliance"))),
                                             Not(Contains(HasSubstr("journal")))));
}

TEST_F(FarClone, SoDoesOneOverSsh) {
  // libvirt's own transport; what stands for ssh runs the command here.
  const auto ssh =
      scratch_.write("ssh", "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done\nshift 2\nexec sh -c \"$*\"\n");
  std::filesystem::permissions(ssh, std::filesystem::perms(0755));
  const virt::Connection far = virt::Connection::open("qemu+ssh://localhost/system?command=" + ssh.native());
  ASSERT_FALSE(far.is_local());
  ops::CloneHooks patient = hooks();
  patient.appliance_limit = std::chrono::minutes(2);
  const auto report = ops::clone(far, options(CloneMode::full), reporter_, patient).at(0);
  ASSERT_TRUE(report.identity);
  EXPECT_EQ(inside(pool_file("vt-clone-a-vda.qcow2"), "/etc/machine-id"), report.identity->machine_id + "\n");
  EXPECT_NE(report.identity->machine_id, old_machine_id);
  EXPECT_THAT(report.warnings, Contains(HasSubstr("fresh firmware variables")));
  EXPECT_THAT(traces_and_appliances(), AllOf(Contains("machine vt-clone-a"), Not(Contains(HasSubstr("appliance")))));
  ops::CloneOptions offline = options(CloneMode::full, {"vt-clone-b"});
  offline.identity_way = ops::IdentityWay::offline;
  try {
    ops::clone(far, offline, reporter_, hooks());
    ADD_FAILURE() << "nothing was thrown";
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::unavailable);
    EXPECT_THAT(error.hint(), HasSubstr("--identity none"));
  }
}

TEST_F(FarClone, LeavesNothingWhicheverStepFails) {
  const auto before = traces_and_appliances();
  const auto print = source_print();
  for (const std::string moment : {"before volume 'vt-clone-a-vda", "before volume 'vmtool-appliance",
                                   "after volume 'vmtool-appliance", "before appliance"}) {
    EXPECT_THAT(clone_as_user(hooks_at(moment, [] { throw util::Error(util::Errc::io, "made to fail"); })),
                StartsWith("error: made to fail"))
        << moment;
    EXPECT_EQ(traces_and_appliances(), before) << moment;
    EXPECT_EQ(source_print(), print) << moment;
  }
}

TEST_F(FarClone, LeavesNothingForRecoverToMissWhereverItIsKilled) {
  const auto before = traces_and_appliances();
  const auto print = source_print();
  const auto die = [] { ::raise(SIGKILL); };
  // In the middle of its work: asked about it for the twentieth time.
  bool is_at_work = false;
  int asked = 0;
  ops::CloneHooks at_work = hooks_at("before appliance", [&] { is_at_work = true; });
  at_work.interrupt = [&] {
    if (is_at_work && ++asked == 20) die();
  };
  std::vector<ops::CloneHooks> deaths;
  for (const char* moment :
       {"before volume 'vmtool-appliance", "after volume 'vmtool-appliance", "before appliance", "after appliance"})
    deaths.push_back(hooks_at(moment, die));
  deaths.push_back(at_work);
  for (std::size_t i = 0; i < deaths.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_EQ(clone_as_user(deaths[i]), "killed");
    EXPECT_THAT(traces_and_appliances(), Contains(HasSubstr("journal")));
    EXPECT_EQ(recover_as_user(), "undone");
    EXPECT_EQ(traces_and_appliances(), before);
    EXPECT_EQ(source_print(), print);
  }
}

TEST_F(FarClone, OneThatTakesTooLongOrHasNoKernelSaysSoAndLeavesNothing) {
  const auto before = traces_and_appliances();
  ops::CloneHooks impatient = hooks();
  impatient.appliance_limit = std::chrono::milliseconds(200);
  EXPECT_THAT(clone_as_user(impatient),
              AllOf(StartsWith("error: the appliance has not answered"), HasSubstr("--identity none")));
  EXPECT_EQ(traces_and_appliances(), before);
  // The disks' folder is no pool any more.
  connect().find_pool(clone_pool)->destroy();
  EXPECT_THAT(clone_as_user(hooks(), CloneMode::full), HasSubstr("no active storage pool"));
}

}  // namespace
}  // namespace vmtool::tests
