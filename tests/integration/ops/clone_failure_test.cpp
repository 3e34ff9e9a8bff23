// Every step of a clone fails in turn, and is the last one of a killed process in turn.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "ops/recover.hpp"
#include "tests/integration/ops/clone_scene.hpp"
#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using ops::CloneMode;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CloneFailure : public CloneScene, public testing::WithParamInterface<CloneMode> {
 protected:
  static std::size_t moments_of(CloneFailure& scene, const ops::CloneOptions& options) {
    std::size_t count = 0;
    scene.clone(options, [&](const std::string&) { ++count; });
    return count;
  }

  // A process of its own that dies as by kill -9 at the moment of that number.
  void clone_and_die_at(const ops::CloneOptions& options, std::size_t moment) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::size_t count = 0;
      try {
        clone(options, [&](const std::string&) {
          if (count++ == moment) ::raise(SIGKILL);
        });
      } catch (...) {
      }
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "moment " << moment;
  }

  std::vector<ops::Recovery> recover(ops::Recover how = ops::Recover::act) const {
    return ops::recover(
        state_dir(), [](const std::string& uri) { return virt::Connection::open(uri); }, how);
  }
};

TEST_P(CloneFailure, LeavesNothingWhicheverStepFailsAndASecondRunWorks) {
  const auto before = traces();
  const auto print = source_print();
  std::size_t failing = 0;
  for (bool has_failed = true; has_failed; ++failing) {
    std::size_t count = 0;
    try {
      clone(options(GetParam()), [&](const std::string&) {
        if (count++ == failing) throw util::Error(util::Errc::io, "made to fail");
      });
      has_failed = false;
    } catch (const util::Error& error) {
      EXPECT_EQ(error.message(), "made to fail");
      EXPECT_EQ(traces(), before) << "moment " << failing;
      EXPECT_EQ(source_print(), print) << "moment " << failing;
    }
  }
  EXPECT_GE(failing, 11u);
  EXPECT_THAT(reporter_.warnings, IsEmpty());
  EXPECT_THAT(traces(), Contains("machine vt-clone-a"));
}

TEST_P(CloneFailure, LeavesNothingForRecoverToMissWhereverItIsKilled) {
  const auto before = traces();
  const auto print = source_print();
  std::size_t moment = 0;
  for (;; ++moment) {
    SCOPED_TRACE(moment);
    clone_and_die_at(options(GetParam()), moment);
    if (HasFatalFailure()) return;
    // Another run is told to recover first.
    EXPECT_EQ(error_of(options(GetParam())).kind(), util::Errc::conflict);
    const auto recoveries = recover();
    ASSERT_EQ(recoveries.size(), 1u);
    EXPECT_EQ(recoveries[0].problem, "");
    EXPECT_EQ(recoveries[0].subject, "vt-clone-a");
    if (recoveries[0].end == ops::RecoveryEnd::finished) break;
    EXPECT_EQ(recoveries[0].end, ops::RecoveryEnd::undone);
    EXPECT_EQ(traces(), before);
    EXPECT_EQ(source_print(), print);
    expect_that_the_source_starts();
  }
  // Killed between its last step and the end: the clone is whole.
  EXPECT_GE(moment, 10u);
  EXPECT_THAT(traces(), Contains("machine vt-clone-a"));
  EXPECT_THAT(traces(), Not(Contains(HasSubstr("journal"))));
  EXPECT_THAT(recover(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Modes, CloneFailure, testing::Values(CloneMode::full, CloneMode::linked),
                         [](const auto& each) { return std::string(ops::to_text(each.param)); });

// A source that runs goes on as it was, without a job, whenever the copy of it is killed.
class LiveCloneFailure : public CloneFailure {
 protected:
  void SetUp() override {
    CloneFailure::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    util::run_checked({.args = {"virsh", "-c", "qemu:///system", "net-start", clone_network}});
    util::run_checked({.args = {"virsh", "-c", "qemu:///system", "start", "--paused", clone_source}});
  }
  ops::CloneOptions live() const {
    ops::CloneOptions live = options(CloneMode::full);
    live.live = true;
    return live;
  }
  static void expect_that_the_source_goes_on() {
    const auto source = connect().find_domain(clone_source);
    EXPECT_EQ(source->state(), virt::DomainState::paused);
    EXPECT_EQ(source->backup_xml(), "");
    EXPECT_FALSE(source->job().is_running);
  }
};

TEST_F(LiveCloneFailure, LeavesNothingForRecoverToMissWhereverItIsKilled) {
  const auto before = traces();
  const auto print = source_print();
  std::size_t moment = 0;
  for (;; ++moment) {
    SCOPED_TRACE(moment);
    clone_and_die_at(live(), moment);
    if (HasFatalFailure()) return;
    const auto recoveries = recover();
    ASSERT_EQ(recoveries.size(), 1u);
    EXPECT_EQ(recoveries[0].problem, "");
    expect_that_the_source_goes_on();
    if (recoveries[0].end == ops::RecoveryEnd::finished) break;
    EXPECT_EQ(recoveries[0].end, ops::RecoveryEnd::undone);
    EXPECT_EQ(traces(), before);
    EXPECT_EQ(source_print(), print);
  }
  EXPECT_GE(moment, 8u);
  EXPECT_THAT(traces(), Contains("machine vt-clone-a"));
}

class Recover : public CloneFailure {};

TEST_F(Recover, LooksWithoutActing) {
  clone_and_die_at(options(CloneMode::full), 5);
  const auto left = traces();
  const auto looked = recover(ops::Recover::look);
  ASSERT_EQ(looked.size(), 1u);
  EXPECT_THAT(looked[0].undone, Contains("volume 'vt-clone-a-vda.qcow2'"));
  EXPECT_EQ(traces(), left);
  recover();
  EXPECT_THAT(traces(), Not(Contains(HasSubstr("vt-clone-a"))));
}

TEST_F(Recover, KeepsAVolumeThatAnotherMachineTookMeanwhile) {
  clone_and_die_at(options(CloneMode::full), 5);
  ASSERT_TRUE(std::filesystem::exists(pool_file("vt-clone-a-vdb.raw")));
  connect().define_domain(
      "<domain type='qemu'><name>vt-clone-thief</name><memory "
      "unit='MiB'>32</memory><os><type>hvm</type></os><devices><disk type='file' device='disk'><source file='" +
      pool_file("vt-clone-a-vdb.raw").native() + "'/><target dev='vda'/></disk></devices></domain>");
  const auto recoveries = recover();
  EXPECT_EQ(recoveries[0].end, ops::RecoveryEnd::failed);
  EXPECT_THAT(recoveries[0].problem, HasSubstr("'vt-clone-thief'"));
  EXPECT_TRUE(std::filesystem::exists(pool_file("vt-clone-a-vdb.raw")));
  EXPECT_FALSE(std::filesystem::exists(pool_file("vt-clone-a-vda.qcow2")));
  connect().find_domain("vt-clone-thief")->undefine();
  EXPECT_EQ(recover()[0].end, ops::RecoveryEnd::undone);
  EXPECT_FALSE(std::filesystem::exists(pool_file("vt-clone-a-vdb.raw")));
}

// A source that ran on its new overlay keeps it.
TEST_F(Recover, DoesNotThrowAwayWhatTheSourceWroteSince) {
  clone_and_die_at(options(CloneMode::linked), 6);
  const auto overlay = pool_file("vt-clone-src-vda-2.qcow2");
  ASSERT_TRUE(std::filesystem::exists(overlay));
  util::run_checked({.args = {"qemu-io", "-c", "write 1M 64k", overlay}});
  const auto recoveries = recover();
  EXPECT_EQ(recoveries[0].end, ops::RecoveryEnd::failed);
  EXPECT_TRUE(std::filesystem::exists(overlay));
  EXPECT_THAT(connect().find_domain(clone_source)->xml(virt::Flavor::inactive), HasSubstr(overlay.native()));
}

}  // namespace
}  // namespace vmtool::tests
