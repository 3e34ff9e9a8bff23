#include "ops/execute.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "manifest/read.hpp"
#include "ops/define.hpp"
#include "ops/delete_machine.hpp"
#include "ops/networks.hpp"
#include "ops/recover.hpp"
#include "ops/state_dir.hpp"
#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

class Warnings : public util::Reporter {
 public:
  void warn(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    texts.emplace_back(text);
  }
  std::vector<std::string> texts;

 private:
  std::mutex mutex_;
};

// Everything of ours that the host knows: names of machines, networks, pools, and files of the pool.
std::vector<std::string> traces(const virt::Connection& connection, const std::filesystem::path& folder) {
  std::vector<std::string> found;
  const auto keep = [&](const std::string& kind, const std::string& name) {
    if (name.starts_with("vt-ops-")) found.push_back(kind + " " + name);
  };
  for (const virt::Domain& domain : connection.domains()) keep("machine", domain.name());
  for (const virt::Network& network : connection.networks()) keep("network", network.name());
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    found.push_back("file " + entry.path().filename().native());
  std::sort(found.begin(), found.end());
  return found;
}

// A pool of the test's own, so that files that are left behind are seen.
class Execute : public testing::Test {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    VMTOOL_NEEDS("libvirt");
    ::setenv("VMTOOL_STATE_DIR", state_.path().c_str(), 1);
    connection_.emplace(virt::Connection::open("qemu:///system"));
    std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
    util::run_checked({.args = {"virsh", "pool-create-as", "vt-ops-pool", "dir", "--target", dir_.path()}});
    util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", image_dir_.path() / "base.qcow2", "8M"}});
  }

  void TearDown() override {
    ::unsetenv("VMTOOL_STATE_DIR");
    if (!connection_) return;
    for (const virt::Domain& domain : connection_->domains()) {
      if (domain.name().starts_with("vt-ops-")) domain.undefine();
    }
    for (const virt::Network& network : connection_->networks()) {
      if (!network.name().starts_with("vt-ops-")) continue;
      if (network.is_active()) network.destroy();
      if (connection_->find_network(network.name())) network.undefine();
    }
    util::run({.args = {"virsh", "pool-destroy", "vt-ops-pool"}});
  }

  model::Manifest manifest(const std::string& extra = "") const {
    const std::string text =
        "kind: Network\nname: vt-ops-net\nautostart: true\naddresses:\n  - address: 10.214.7.1/24\n    dhcp: {ranges: "
        "[{start: 10.214.7.2, end: 10.214.7.99}]}\n"
        "---\nkind: Image\nname: vt-ops-base\npool: vt-ops-pool\nsource: {file: " +
        (image_dir_.path() / "base.qcow2").native() +
        "}\n"
        "---\nkind: Volume\nname: vt-ops-data\npool: vt-ops-pool\nformat: raw\ncapacity: 4MiB\npreallocation: full\n"
        "---\nkind: VirtualMachine\nname: vt-ops-a\nautostart: true\nmemory: {size: 64MiB}\n"
        "disks:\n  - {name: root, image: vt-ops-base, pool: vt-ops-pool, capacity: 16MiB}\n  - {name: copy, image: "
        "vt-ops-base, backing: full, pool: vt-ops-pool}\n"
        "  - {name: meta, capacity: 4MiB, preallocation: metadata, pool: vt-ops-pool}\n  - {name: full, capacity: "
        "4MiB, preallocation: full, pool: vt-ops-pool}\n"
        "  - {name: data, volume: vt-ops-data, pool: vt-ops-pool, format: raw}\n"
        "interfaces:\n  - {name: lan, network: vt-ops-net, address: 10.214.7.150}\n" +
        extra;
    const manifest::Source source{"test.yaml", text};
    manifest::ReadResult result = manifest::read({&source, 1}, {});
    for (const manifest::Diagnostic& diagnostic : result.diagnostics) ADD_FAILURE() << manifest::to_text(diagnostic);
    return std::move(result.manifest);
  }

  Plan plan(const std::string& extra = "") {
    return plan_define(*connection_, manifest(extra), model::DomainType::qemu, warnings_);
  }

  static std::size_t steps_of(const Plan& plan) {
    std::size_t count = 0;
    for (const Action& action : plan.actions) count += action.steps.size();
    return count;
  }

  tests::TempDir dir_;
  tests::TempDir image_dir_;
  tests::TempDir state_;
  std::optional<virt::Connection> connection_;
  Warnings warnings_;
};

TEST_F(Execute, UndoesEverythingWhicheverStepFailsAndASecondRunWorks) {
  const Plan first = plan();
  const std::size_t steps = steps_of(first);
  ASSERT_GE(steps, 9u);
  for (std::size_t failing = 0; failing < steps; ++failing) {
    const auto fail = [&](std::size_t step) {
      if (step == failing) throw util::Error(util::Errc::io, "made to fail");
    };
    EXPECT_THROW(execute(plan(), *connection_, warnings_, fail), util::Error) << "step " << failing;
    EXPECT_THAT(traces(*connection_, dir_.path()), testing::IsEmpty()) << "step " << failing;
  }
  EXPECT_THAT(warnings_.texts, testing::IsEmpty());
  execute(plan(), *connection_, warnings_);
  EXPECT_THAT(traces(*connection_, dir_.path()),
              testing::ElementsAre("file vt-ops-a-copy.qcow2", "file vt-ops-a-full.qcow2", "file vt-ops-a-meta.qcow2",
                                   "file vt-ops-a-root.qcow2", "file vt-ops-base", "file vt-ops-data",
                                   "machine vt-ops-a", "network vt-ops-net"));
  EXPECT_TRUE(plan().is_empty()) << "the same manifest again changes nothing";
}

TEST_F(Execute, WhatAKilledRunLeftIsUndoneByRecover) {
  const std::size_t steps = steps_of(plan());
  const auto recover_all = [] {
    return recover(
        state_dir(), [](const std::string& uri) { return virt::Connection::open(uri); }, Recover::act);
  };
  for (std::size_t last = 0; last < steps; ++last) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        const virt::Connection own = virt::Connection::open("qemu:///system");
        execute(plan_define(own, manifest(), model::DomainType::qemu, warnings_), own, warnings_,
                [&](std::size_t step) {
                  if (step == last) ::raise(SIGKILL);
                });
      } catch (...) {
      }
      ::_exit(1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "step " << last;
    EXPECT_THROW(execute(plan(), *connection_, warnings_), util::Error) << "it must be recovered first";
    const auto recoveries = recover_all();
    ASSERT_EQ(recoveries.size(), 1U) << "step " << last;
    EXPECT_EQ(recoveries[0].end, RecoveryEnd::undone) << recoveries[0].problem;
    EXPECT_THAT(traces(*connection_, dir_.path()), testing::IsEmpty()) << "step " << last;
  }
  execute(plan(), *connection_, warnings_);
  EXPECT_THAT(recover_all(), testing::IsEmpty());
  EXPECT_TRUE(plan().is_empty());
}

TEST_F(Execute, AFailedChangeRestoresTheOldDefinition) {
  execute(plan(), *connection_, warnings_);
  const auto definition = [&] {
    return xml::read_domain(connection_->find_domain("vt-ops-a")->xml(virt::Flavor::inactive));
  };
  const model::VirtualMachine before = definition();
  Plan change = plan("cpu: {count: 2}\nlabels: {tier: db}\n");
  ASSERT_EQ(change.actions.back().verb, Verb::update);
  change.actions.back().steps.push_back(SetAutostart{false, "vt-ops-a", false});
  std::size_t calls = 0;
  EXPECT_THROW(execute(change, *connection_, warnings_,
                       [&](std::size_t) {
                         if (++calls == 2) throw util::Error(util::Errc::io, "made to fail");
                       }),
               util::Error);
  // libvirt lists its controllers in another order after a redefinition: the meaning is compared.
  EXPECT_EQ(definition(), before);
  execute(plan("cpu: {count: 2}\nlabels: {tier: db}\n"), *connection_, warnings_);
  EXPECT_EQ(definition().cpu.count, 2u);
}

TEST_F(Execute, AFailedChangeOfARunningNetworkRestoresItsHosts) {
  const auto network = [](const std::string& address) {
    return "kind: Network\nname: vt-ops-hosts\naddresses:\n  - address: 10.214.8.1/24\n    dhcp: {ranges: [{start: "
           "10.214.8.2, end: 10.214.8.99}], hosts: "
           "[{name: box, macAddress: \"52:54:00:0b:0b:01\", address: " +
           address + "}]}\n";
  };
  const auto plan_of = [&](const std::string& text) {
    const manifest::Source source{"test.yaml", text};
    return plan_define(*connection_, manifest::read({&source, 1}, {}).manifest, std::nullopt, warnings_);
  };
  execute(plan_of(network("10.214.8.200")), *connection_, warnings_);
  start_network(*connection_, "vt-ops-hosts");
  Plan change = plan_of(network("10.214.8.201"));
  ASSERT_TRUE(std::holds_alternative<UpdateHost>(change.actions.back().steps.back()));
  change.actions.back().steps.push_back(SetAutostart{true, "vt-ops-hosts", true});
  const std::size_t last = steps_of(change) - 1;
  EXPECT_THROW(execute(change, *connection_, warnings_,
                       [&](std::size_t step) {
                         if (step == last) throw util::Error(util::Errc::io, "made to fail");
                       }),
               util::Error);
  EXPECT_THAT(warnings_.texts, testing::IsEmpty());
  for (const virt::Flavor flavor : {virt::Flavor::current, virt::Flavor::inactive}) {
    const std::string xml = connection_->find_network("vt-ops-hosts")->xml(flavor);
    EXPECT_THAT(xml, testing::HasSubstr("10.214.8.200"));
    EXPECT_THAT(xml, testing::Not(testing::HasSubstr("10.214.8.201")));
  }
}

TEST_F(Execute, DeletingTakesWhatIsTheMachinesOwnAndNothingElse) {
  execute(plan(), *connection_, warnings_);
  const Deletion deletion = plan_deletion(*connection_, "vt-ops-a", Force::no);
  EXPECT_THAT(deletion.keeps, testing::ElementsAre(testing::HasSubstr("vt-ops-data")));
  delete_machine(*connection_, deletion, warnings_);
  EXPECT_THAT(traces(*connection_, dir_.path()),
              testing::ElementsAre("file vt-ops-base", "file vt-ops-data", "network vt-ops-net"));
  EXPECT_THAT(connection_->find_network("vt-ops-net")->xml(virt::Flavor::inactive),
              testing::Not(testing::HasSubstr("10.214.7.150")));
}

TEST_F(Execute, AnImageThatMachinesStandOnIsNotDeletedWithOne) {
  execute(plan(), *connection_, warnings_);
  const manifest::Source source{"b.yaml",
                                "kind: VirtualMachine\nname: vt-ops-b\nmemory: {size: 64MiB}\ndisks: [{name: root, "
                                "image: vt-ops-a-root.qcow2, pool: vt-ops-pool}]\n"};
  const model::Manifest second = manifest::read({&source, 1}, {}).manifest;
  execute(plan_define(*connection_, second, model::DomainType::qemu, warnings_), *connection_, warnings_);
  try {
    plan_deletion(*connection_, "vt-ops-a", Force::no);
    FAIL() << "the base of another machine's disk would be deleted";
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::conflict);
    EXPECT_THAT(error.message(), testing::HasSubstr("'vt-ops-b-root.qcow2'"));
  }
}

}  // namespace
}  // namespace vmtool::ops
