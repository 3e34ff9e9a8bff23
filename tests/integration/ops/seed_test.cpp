// cloudInit of a manifest, from the text to the seed in the machine's drive.
#include "storage/seed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/read.hpp"
#include "ops/clone.hpp"
#include "ops/define.hpp"
#include "ops/delete_machine.hpp"
#include "ops/execute.hpp"
#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SeedOfManifest : public testing::Test {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("root");
    VMTOOL_NEEDS("libvirt");
    connection_.emplace(virt::Connection::open("qemu:///system"));
    std::filesystem::permissions(dir_.path(), std::filesystem::perms(0755));
    util::run_checked({.args = {"virsh", "pool-create-as", "vt-seed-pool", "dir", "--target", dir_.path()}});
    key_ = keys_.write("id.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here\n");
  }
  void TearDown() override {
    if (!connection_) return;
    for (const char* name : {"vt-seed-a", "vt-seed-b"}) {
      if (const auto domain = connection_->find_domain(name)) domain->undefine();
    }
    util::run({.args = {"virsh", "pool-destroy", "vt-seed-pool"}});
  }

  Plan define(const std::string& user_data) {
    const manifest::Source source{"test.yaml",
                                  "kind: VirtualMachine\nname: vt-seed-a\nmemory: {size: 64MiB}\ndisks: [{name: root, "
                                  "capacity: 4MiB, pool: vt-seed-pool}]\ncloudInit:\n"
                                  "  sshAuthorizedKeys: [{file: " +
                                      key_.native() + "}]\n  userData: |\n    " + user_data + "\n"};
    manifest::ReadResult result = manifest::read({&source, 1}, {});
    for (const manifest::Diagnostic& diagnostic : result.diagnostics) ADD_FAILURE() << manifest::to_text(diagnostic);
    Plan plan = plan_define(*connection_, result.manifest, model::DomainType::qemu, reporter_);
    execute(plan, *connection_, reporter_);
    return plan;
  }
  std::string definition() const { return connection_->find_domain("vt-seed-a")->xml(virt::Flavor::inactive); }
  std::vector<std::string> seeds() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      if (entry.path().extension() == ".iso") found.push_back(entry.path());
    }
    return found;
  }

  tests::TempDir dir_;
  tests::TempDir keys_;
  std::filesystem::path key_;
  std::optional<virt::Connection> connection_;
  util::Reporter reporter_;
};

TEST_F(SeedOfManifest, IsInTheDriveAndNowhereElse) {
  define("#cloud-config hidden");
  ASSERT_EQ(seeds().size(), 1u);
  EXPECT_TRUE(storage::is_seed(seeds()[0]));
  std::string meta;
  for (const storage::SeedFile& file : storage::read_seed(seeds()[0])) {
    if (file.name == "meta-data") meta = file.content;
    if (file.name == "user-data") {
      EXPECT_EQ(file.content, "#cloud-config hidden\n");
    }
  }
  EXPECT_THAT(meta, testing::AllOf(HasSubstr("local-hostname: vt-seed-a\n"),
                                   HasSubstr("- \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@here\"\n")));
  EXPECT_THAT(definition(),
              testing::AllOf(HasSubstr("device='cdrom'"), HasSubstr(seeds()[0]), Not(HasSubstr("hidden"))));
}

TEST_F(SeedOfManifest, ChangesWithTheManifestAndOnlyWithIt) {
  define("#cloud-config 1");
  const auto before = seeds();
  EXPECT_TRUE(define("#cloud-config 1").is_empty());
  const Plan changed = define("#cloud-config 2");
  ASSERT_EQ(changed.actions.size(), 1u);
  ASSERT_EQ(changed.actions[0].changes.size(), 1u);
  EXPECT_EQ(changed.actions[0].changes[0].path, "cloudInit");
  ASSERT_EQ(seeds().size(), 1u) << "the old one goes with the change";
  EXPECT_NE(seeds(), before);
  EXPECT_THAT(definition(), testing::AllOf(HasSubstr(seeds()[0]), Not(HasSubstr(before[0]))));
}

TEST_F(SeedOfManifest, IsMadeAnewForAClone) {
  define("#cloud-config {hostname: vt-seed-a}");
  const tests::TempDir state;
  CloneOptions options;
  options.source = "vt-seed-a";
  options.names = {"vt-seed-b"};
  options.identity_way = IdentityWay::none;
  CloneHooks hooks;
  hooks.state_dir = state.path();
  clone(*connection_, options, reporter_, hooks);
  const virt::Domain made = *connection_->find_domain("vt-seed-b");
  const std::string xml = made.xml(virt::Flavor::inactive);
  const auto seed = dir_.path() / "vt-seed-b-seed.iso";
  ASSERT_TRUE(std::filesystem::exists(seed)) << testing::PrintToString(seeds());
  std::string meta;
  for (const storage::SeedFile& file : storage::read_seed(seed)) {
    if (file.name == "meta-data") meta = file.content;
  }
  EXPECT_THAT(meta, testing::AllOf(HasSubstr("local-hostname: vt-seed-b\n"), HasSubstr("instance-id: "),
                                   Not(HasSubstr("vt-seed-a"))));
  EXPECT_THAT(xml, testing::AllOf(HasSubstr(seed.native()), Not(HasSubstr("vt-seed-a-seed-"))));
  delete_machine(*connection_, plan_deletion(*connection_, "vt-seed-b", Force::no), reporter_);
  EXPECT_FALSE(std::filesystem::exists(seed));
  EXPECT_EQ(seeds().size(), 1u) << "the source keeps its own";
}

TEST_F(SeedOfManifest, GoesWithTheMachine) {
  define("#cloud-config");
  const Deletion deletion = plan_deletion(*connection_, "vt-seed-a", Force::no);
  delete_machine(*connection_, deletion, reporter_);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
}

}  // namespace
}  // namespace vmtool::ops
