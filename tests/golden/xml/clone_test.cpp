#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden/xml/clone_case.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

TEST(GoldenClone, IsTheSameToTheByte) {
  const std::filesystem::path golden = clone_folder() / "everything.clone.xml";
  const std::string written = clone_of_everything().xml;
  if (std::getenv("VMTOOL_ACCEPT") != nullptr) util::write_file_atomic(golden, written);
  EXPECT_EQ(written, util::read_file(golden, 1 << 20));
}

// Whatever says who the source is, by its own value: none of it is left.
TEST(GoldenClone, HoldsNoValueThatIdentifiesTheSource) {
  std::string written = clone_of_everything().xml;
  // Where it came from is told on purpose.
  const std::size_t mark = written.find(" sourceUuid=");
  ASSERT_NE(mark, std::string::npos);
  written.erase(mark, 50);
  for (const char* value : {"<name>golden",
                            "11111111-2222",
                            "aaaaaaaa-bbbb",
                            "SYS-0001",
                            "BOARD-0001",
                            "CHASSIS-0001",
                            "0123456789abcdef",
                            "52:54:00:aa:bb:",
                            "52:54:00:AA:BB:",
                            "golden0",
                            "09b11c53",
                            "golden-root",
                            "golden-data",
                            "golden-scsi",
                            "GOLDENROOT",
                            ">D1<",
                            "ea71aa",
                            "5911",
                            "5701",
                            "golden-spice",
                            "golden.org",
                            "/agents/monitor.sock",
                            "golden-serial",
                            "golden-console",
                            "4555",
                            "golden-shm",
                            "golden_VARS",
                            "address='42'",
                            "golden-egd",
                            "192.168.122.210",
                            "hostname=golden",
                            "sealed",
                            "kind: VirtualMachine"}) {
    EXPECT_THAT(written, testing::Not(testing::HasSubstr(value)));
  }
}

TEST(GoldenClone, ReportsEveryValueOldAndNew) {
  const xml::ClonedDomain clone = clone_of_everything();
  std::string report;
  for (const xml::CloneItem& item : clone.items) {
    report +=
        item.item + "|" + item.place + "|" + to_text(item.status) + "|" + item.old_value + "|" + item.new_value + "\n";
  }
  for (const std::string& warning : clone.warnings) report += "warning|" + warning + "\n";
  const std::filesystem::path golden = clone_folder() / "everything.report.txt";
  if (std::getenv("VMTOOL_ACCEPT") != nullptr) util::write_file_atomic(golden, report);
  EXPECT_EQ(report, util::read_file(golden, 1 << 20));
}

}  // namespace
}  // namespace vmtool::tests
