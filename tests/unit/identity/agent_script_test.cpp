// The scripts for running guests, run by this host's shell on a directory that stands for the guest's root.
#include "identity/agent_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AgentScript : public testing::Test {
 protected:
  util::Result run(const std::string& script) const { return util::run({.args = {"/bin/sh", "-s"}, .input = script}); }
  Facts scan(const std::vector<Interest>& interests) const {
    const util::Result result = run(scan_script(interests, root()));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_scan(result.out);
  }
  std::string root() const { return guest_.path().native(); }
  std::string content(const std::string& path) const { return util::read_file(root() + path, 1 << 20); }
  std::vector<std::string> names(const std::string& directory) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(root() + directory))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  tests::TempDir guest_;
};

TEST_F(AgentScript, TellsFilesLinksAndDirectoriesApart) {
  guest_.write("etc/machine-id", "0123\n");
  ::chmod((root() + "/etc/machine-id").c_str(), 0444);
  guest_.write("etc/ssh/ssh_host_rsa_key", std::string("a\0b\nc'\"%\\", 9));
  guest_.write("etc/ssh/ssh_host_rsa_key.pub", "");
  guest_.write("etc/ssh/sshd_config", "not asked for");
  guest_.write("var/log/deep/er/a log", "x");
  std::filesystem::create_directories(root() + "/var/lib/dbus");
  std::filesystem::create_symlink("../../../etc/machine-id", root() + "/var/lib/dbus/machine-id");
  std::filesystem::create_symlink("nowhere", root() + "/etc/hostname");
  const Facts facts = scan({{"/etc/machine-id"},
                            {"/etc/hostname"},
                            {"/etc/ssh/ssh_host_*"},
                            {"/var/lib/dbus/machine-id"},
                            {"/var/log/**", Interest::Content::skip},
                            {"/not/there"},
                            {"/not/*"}});
  const Fact* id = facts.file("/etc/machine-id");
  ASSERT_NE(id, nullptr);
  EXPECT_EQ(id->content, "0123\n");
  EXPECT_EQ(id->owner.mode, 0444u);
  EXPECT_EQ(id->real_path, "/etc/machine-id");
  EXPECT_EQ(facts.file("/etc/ssh/ssh_host_rsa_key")->content, std::string("a\0b\nc'\"%\\", 9));
  EXPECT_EQ(facts.file("/etc/ssh/ssh_host_rsa_key.pub")->content, "");
  EXPECT_EQ(facts.find("/etc/ssh/sshd_config"), nullptr);
  const Fact* copy = facts.find("/var/lib/dbus/machine-id");
  EXPECT_TRUE(copy->is_link);
  EXPECT_EQ(copy->target, "../../../etc/machine-id");
  EXPECT_EQ(copy->real_path, "/etc/machine-id");
  EXPECT_EQ(copy->content, "0123\n");
  EXPECT_EQ(facts.find("/etc/hostname")->kind, Kind::symlink);
  EXPECT_EQ(facts.find("/etc/hostname")->real_path, "");
  EXPECT_FALSE(facts.find("/var/log/deep/er/a log")->has_content);
  EXPECT_EQ(facts.find("/var/log/deep")->kind, Kind::directory);
  EXPECT_EQ(facts.matching("/not/**").size(), 0u);
}

TEST_F(AgentScript, ReadsNothingFromWhatIsNoScan) {
  for (const char* text : {"x", "garbage without a zero byte\n", "/etc/passwd"})
    EXPECT_THROW(read_scan(text), util::Error) << text;
  const std::string cut(
      std::string("/a\0f\0\0/a\0"
                  "644 0 0 5\0"
                  "5\0abc",
                  25));
  EXPECT_THROW(read_scan(cut), util::Error);
  EXPECT_EQ(read_scan("").find("/a"), nullptr);
}

TEST_F(AgentScript, WritesEverythingAndLeavesNoTrace) {
  guest_.write("etc/machine-id", "old\n");
  ::chmod((root() + "/etc/machine-id").c_str(), 0444);
  guest_.write("var/lib/dbus/machine-id", "old\n");
  guest_.write("var/lib/dhcp/a lease", "old");
  std::filesystem::create_directories(root() + "/var/empty");
  std::filesystem::create_directory_symlink("empty", root() + "/var/to-directory");
  const std::string awkward("\0%s\\n'\"`$(x)\xff\n", 15);
  const util::Result result = run(edit_script(
      {{Edit::Action::write, "/etc/machine-id", "new\n", {}},
       {Edit::Action::symlink, "/var/lib/dbus/machine-id", "/etc/machine-id", {}},
       {Edit::Action::remove, "/var/lib/dhcp/a lease", "", {}},
       {Edit::Action::remove, "/var/empty", "", {}},
       {Edit::Action::write, "/var/to-directory", "a file now", {.mode = 0640, .uid = 0, .gid = 0}},
       {Edit::Action::write, "/etc/it's new", awkward, {.mode = 0600, .uid = ::getuid(), .gid = ::getgid()}}},
      root()));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(content("/etc/machine-id"), "new\n");
  struct stat facts {};
  ::stat((root() + "/etc/machine-id").c_str(), &facts);
  EXPECT_EQ(facts.st_mode & 07777u, 0444u) << "its mode is its own";
  EXPECT_EQ(std::filesystem::read_symlink(root() + "/var/lib/dbus/machine-id"), "/etc/machine-id");
  EXPECT_EQ(content("/etc/it's new"), awkward);
  EXPECT_THAT(names("/etc"), ElementsAre("it's new", "machine-id"));
  EXPECT_THAT(names("/var/lib/dhcp"), ElementsAre());
  EXPECT_THAT(names("/var"), ElementsAre("lib", "to-directory"));
  EXPECT_EQ(content("/var/to-directory"), "a file now");
}

TEST_F(AgentScript, WritesNothingWhereOnePartCannotBeWritten) {
  guest_.write("etc/machine-id", "old\n");
  std::filesystem::create_directories(root() + "/etc/hostname");
  const util::Result result = run(edit_script(
      {{Edit::Action::write, "/etc/machine-id", "new\n", {}}, {Edit::Action::write, "/etc/hostname", "new\n", {}}},
      root()));
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("is a directory"));
  EXPECT_EQ(content("/etc/machine-id"), "old\n");
  EXPECT_THAT(names("/etc"), ElementsAre("hostname", "machine-id"));
}

TEST_F(AgentScript, NamesNoPathWithALineBreak) {
  EXPECT_THROW(edit_script({{Edit::Action::remove, "/a\nb", "", {}}}), util::Error);
}

}  // namespace
}  // namespace vmtool::identity
