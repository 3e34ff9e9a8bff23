#include "isolation/plan.hpp"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using testing::HasSubstr;

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    spec.id = "web";
    spec.bundle = directory.path().native();
    spec.root.path = directory.path().native();
    for (const NamespaceKind kind : {NamespaceKind::pid, NamespaceKind::mount, NamespaceKind::uts, NamespaceKind::ipc,
                                     NamespaceKind::network, NamespaceKind::cgroup}) {
      spec.namespaces.push_back({kind, ""});
    }
    spec.process.args = {"true"};
  }

  static std::vector<std::string> words(const Plan& plan) {
    std::vector<std::string> out;
    for (const Step& step : plan.steps) out.push_back(step.what);
    return out;
  }
  template <class T>
  static std::size_t position(const Plan& plan) {
    const auto found = std::find_if(plan.steps.begin(), plan.steps.end(),
                                    [](const Step& step) { return std::holds_alternative<T>(step.action); });
    return static_cast<std::size_t>(found - plan.steps.begin());
  }
  std::string refusal() const {
    try {
      plan_container(spec, context);
    } catch (const util::Error& error) {
      EXPECT_EQ(error.kind(), util::Errc::invalid_input);
      return error.message();
    }
    return "nothing was thrown";
  }

  tests::TempDir directory;
  Spec spec;
  PlanContext context;
};

TEST_F(PlanTest, MakesNamespacesByCloneExceptTheCgroupOne) {
  const Plan plan = plan_container(spec, context);
  EXPECT_EQ(plan.clone_flags, std::uint64_t{CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET});
  EXPECT_LT(position<JoinCgroups>(plan), position<MakeCgroupNamespace>(plan));
  EXPECT_LT(position<MakeCgroupNamespace>(plan), position<PivotRoot>(plan));
}

TEST_F(PlanTest, JoinsTheCgroupsBeforeItMountsThem) {
  spec.mounts = {
      {"/sys", "sysfs", "sysfs", {}}, {"/sys/fs/cgroup", "cgroup", "cgroup", {"ro"}}, {"/data", "tmpfs", "tmpfs", {}}};
  const Plan plan = plan_container(spec, context);
  EXPECT_LT(position<MountStep>(plan), position<JoinCgroups>(plan));
  EXPECT_LT(position<MakeCgroupNamespace>(plan), position<CgroupMount>(plan));
}

TEST_F(PlanTest, KeepsTheOrderThatSecurityNeeds) {
  spec.masked_paths = {"/proc/kcore"};
  spec.read_only_paths = {"/proc/sys"};
  context.filter = {1};
  const Plan plan = plan_container(spec, context);
  EXPECT_LT(position<MakePrivate>(plan), position<RootStep>(plan));
  EXPECT_TRUE(std::get<RootStep>(plan.steps[position<RootStep>(plan)].action).masks)
      << "what covers them is made with the root";
  EXPECT_LT(position<MakeDevice>(plan), position<MaskPath>(plan));
  EXPECT_LT(position<MaskPath>(plan), position<PivotRoot>(plan));
  EXPECT_LT(position<PivotRoot>(plan), position<BecomeUser>(plan));
  EXPECT_LT(position<BecomeUser>(plan), position<EnterDirectory>(plan));
  EXPECT_LT(position<SetNoNewPrivileges>(plan), position<InstallFilter>(plan));
  EXPECT_EQ(position<InstallFilter>(plan) + 2, plan.steps.size());
  EXPECT_TRUE(std::holds_alternative<Execute>(plan.steps.back().action));
}

TEST_F(PlanTest, WithoutNoNewPrivilegesTheFilterComesWhileItMayBeInstalled) {
  spec.process.no_new_privileges = false;
  context.filter = {1};
  const Plan plan = plan_container(spec, context);
  EXPECT_LT(position<InstallFilter>(plan), position<BecomeUser>(plan));
}

TEST_F(PlanTest, RaisesLimitsWhilePrivilegedAndLowersThemAtTheEnd) {
  spec.process.rlimits = {{RLIMIT_NOFILE, 7, 8}};
  const Plan plan = plan_container(spec, context);
  EXPECT_LT(position<RaiseRlimit>(plan), position<BecomeUser>(plan));
  EXPECT_GT(position<SetRlimit>(plan), position<EnterDirectory>(plan));
}

TEST_F(PlanTest, DescribesStepsInWords) {
  spec.mounts = {{"/proc", "proc", "proc", {}}};
  EXPECT_THAT(words(plan_container(spec, context)),
              testing::IsSupersetOf({"mounting proc on '/proc'", "making device '/dev/null'", "starting 'true'"}));
}

TEST_F(PlanTest, ProcMustLieOnARealDirectory) {
  spec.mounts = {{"/proc", "proc", "proc", {}}, {"/data", "tmpfs", "tmpfs", {}}};
  for (const Step& step : plan_container(spec, context).steps) {
    const auto* const mount = std::get_if<MountStep>(&step.action);
    if (mount == nullptr) continue;
    EXPECT_EQ(mount->links, mount->destination == "/proc" ? Links::refuse : Links::follow);
  }
}

TEST_F(PlanTest, NeverPassesOnInheritableOrAmbientCapabilitiesBeyondTheBoundingSet) {
  spec.process.capabilities = {0xff, 0xff, 0xff, 0xff, 0xf0};
  context.bounding_set = 0x3f;
  const Plan plan = plan_container(spec, context);
  const auto& step = std::get<BecomeUser>(plan.steps[position<BecomeUser>(plan)].action);
  EXPECT_EQ(step.capabilities.bounding, 0x3fu);
  EXPECT_EQ(step.capabilities.ambient, 0x30u);
  EXPECT_EQ(step.capabilities.inheritable, 0x30u);
}

TEST_F(PlanTest, ADeferredStartWaitsBeforeTheFilter) {
  context.deferred_start = true;
  context.filter = {1};
  const Plan plan = plan_container(spec, context);
  EXPECT_LT(position<WaitForStart>(plan), position<InstallFilter>(plan));
  EXPECT_EQ(position<OutliveLauncher>(plan), plan.steps.size());
}

TEST_F(PlanTest, RefusesBadInputWithOneClearMessage) {
  const Spec good = spec;
  const auto with = [&](const std::function<void(Spec&)>& change) {
    spec = good;
    change(spec);
    return refusal();
  };
  EXPECT_THAT(with([](Spec& s) { s.process.args = {}; }), HasSubstr("no command"));
  EXPECT_THAT(with([](Spec& s) { s.process.user.uid = 4294967295; }), HasSubstr("4294967295"));
  EXPECT_THAT(with([](Spec& s) { s.mounts = {{"/a/../b", "tmpfs", "t", {}}}; }), HasSubstr("'..'"));
  EXPECT_THAT(with([](Spec& s) { s.mounts = {{"a", "tmpfs", "t", {}}}; }), HasSubstr("not absolute"));
  EXPECT_THAT(with([&](Spec& s) { s.root.path = directory.write("file", "").native(); }), HasSubstr("is no directory"));
  EXPECT_THAT(with([](Spec& s) { s.sysctl = {{"kernel.core_pattern", "x"}}; }), HasSubstr("not separate"));
  EXPECT_THAT(with([](Spec& s) { s.namespaces.push_back({NamespaceKind::pid, ""}); }), HasSubstr("twice"));
  EXPECT_THAT(with([](Spec& s) { s.namespaces.push_back({NamespaceKind::user, ""}); }), HasSubstr("uid map is empty"));
  EXPECT_THAT(with([](Spec& s) { s.process.cwd = "relative"; }), HasSubstr("not absolute"));
  std::filesystem::create_symlink("/", directory.path() / "link");
  EXPECT_THAT(with([&](Spec& s) {
                s.root.overlay = Overlay{{(directory.path() / "link").native()}, "", "", {}};
              }),
              HasSubstr("is a symlink"));
}

TEST_F(PlanTest, ASysctlOfAnotherNamespaceIsRefused) {
  spec.sysctl = {{"net.ipv4.ip_forward", "1"}};
  EXPECT_NO_THROW(plan_container(spec, context));
  spec.namespaces.erase(spec.namespaces.begin() + 4);
  EXPECT_THAT(refusal(), HasSubstr("no net namespace"));
}

}  // namespace
}  // namespace vmtool::isolation
