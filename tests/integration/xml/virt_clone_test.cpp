// The same machine cloned by Debian's virt-clone: whatever that leaves shared is new in ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/xml/clone_case.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

// Every value of the source that says which machine it is.
constexpr const char* identities[] = {
    ">golden<",
    "11111111-2222-4333-8444-555555555555",
    "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "SYS-0001",
    "BOARD-0001",
    "CHASSIS-0001",
    "52:54:00:aa:bb:01'",
    "52:54:00:AA:BB:02",
    "golden0",
    "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f",
    "GOLDENROOT",
    ">D1<",
    "5000c50015ea71aa",
    "5911",
    "5701",
    "golden.org.qemu",
    "/run/agents/monitor.sock",
    "golden-serial",
    "golden-console",
    "4555",
    "golden-shm",
    "golden_VARS",
    "golden-spice",
    "address='42'",
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string by_virt_clone(const TempDir& dir) {
  // It wants to see the files that the definition names.
  for (const char* file :
       {"golden-root.qcow2", "golden-data.raw", "golden-scsi.raw", "reference.raw", "golden_VARS.fd"})
    dir.write(file, "");
  std::string source = replaced(everything(), "/var/lib/libvirt/images", dir.path().native());
  source = replaced(source, "/var/lib/libvirt/qemu/nvram", dir.path().native());
  const auto file = dir.write("source.xml", source);
  const auto made = util::run_checked({.args = {"virt-clone", "--connect", "test:///default", "--original-xml",
                                                file.native(), "--name", "copper", "--auto-clone", "--print-xml"}});
  return replaced(made.out, "\"", "'");
}

TEST(VirtClone, LeavesSharedWhatIsNewInOurs) {
  const TempDir dir;
  const std::string theirs = by_virt_clone(dir);
  ASSERT_THAT(theirs, HasSubstr(">copper<"));
  std::string ours = clone_of_everything().xml;
  const std::size_t mark = ours.find(" sourceUuid=");
  ours.erase(mark, ours.find('\'', mark + 14) + 1 - mark);
  std::vector<std::string> shared;
  for (const char* identity : identities) {
    EXPECT_THAT(ours, Not(HasSubstr(identity)));
    if (theirs.find(identity) != std::string::npos) shared.emplace_back(identity);
  }
  // So that the comparison could fail: these it has never renewed.
  for (const char* known : {"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "SYS-0001", "GOLDENROOT", "5000c50015ea71aa",
                            "5701", "golden-shm", "address='42'"}) {
    EXPECT_THAT(shared, testing::Contains(known));
  }
}

TEST(VirtClone, OursIsADomainByLibvirtsSchema) {
  const TempDir dir;
  const auto file = dir.write("clone.xml", clone_of_everything().xml);
  const auto checked = util::run({.args = {"virt-xml-validate", file.native(), "domain"}});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

}  // namespace
}  // namespace vmtool::tests
