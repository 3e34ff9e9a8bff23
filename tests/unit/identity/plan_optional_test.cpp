// What is left alone unless it is asked for, and cards that keep their addresses.
#include "tests/unit/identity/plan_guest.hpp"

namespace vmtool::identity {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Guest lived_in() {
  return Guest()
      .file("/var/log/syslog", "old days")
      .file("/var/log/syslog.1", "older")
      .file("/var/log/dpkg.log.2.gz", "packed")
      .file("/var/log/messages-20260101", "aside")
      .file("/var/log/journal/0123/system.journal", "binary")
      .file("/var/log/empty", "")
      .file("/var/log/app2.log", "kept by name")
      .file("/root/.bash_history", "ls")
      .file("/home/ann/.zsh_history", "pwd");
}

Options only(std::vector<std::string> items) {
  Options options;
  options.only = {"iscsi"};
  options.clean = std::move(items);
  return options;
}

TEST(Logs, AreKeptUnlessAskedFor) {
  Options options;
  options.keep = {"machine-id"};
  const Plan plan = lived_in().plan(options);
  EXPECT_THAT(plan.edits, IsEmpty());
  EXPECT_EQ(outcome(plan, "logs").status, Status::kept);
  EXPECT_EQ(outcome(plan, "logs").reason, "unless asked for");
  EXPECT_EQ(outcome(plan, "histories").status, Status::kept);
}

TEST(Logs, AreEmptiedAndWhatWasPutAsideGoes) {
  const Plan plan = lived_in().plan(only({"logs"}));
  EXPECT_THAT(plan.edits, UnorderedElementsAre(write("/var/log/syslog", ""), write("/var/log/app2.log", ""),
                                               removal("/var/log/syslog.1"), removal("/var/log/dpkg.log.2.gz"),
                                               removal("/var/log/messages-20260101"),
                                               removal("/var/log/journal/0123/system.journal")));
  EXPECT_EQ(outcome(plan, "logs").status, Status::removed);
}

TEST(Histories, AreRemovedFromEveryHome) {
  EXPECT_THAT(lived_in().plan(only({"histories"})).edits,
              UnorderedElementsAre(removal("/root/.bash_history"), removal("/home/ann/.zsh_history")));
  EXPECT_EQ(outcome(Guest().plan(only({"histories"})), "histories").status, Status::absent);
}

TEST(Clean, NamesOnlyWhatIsKeptByDefault) {
  Options options;
  options.clean = {"hostname"};
  EXPECT_EQ(message_of([&] { check(options); }), "'hostname' is renewed anyway");
  options.clean = {"logs"};
  check(options);
}

TEST(Macs, ThatAMachineKeepsAreNoFault) {
  Options options;
  options.macs = {{"52:54:00:00:00:01", "52:54:00:00:00:01"}};
  options.keep = {"machine-id"};
  const Plan plan =
      Guest().file("/etc/systemd/network/a.link", "[Match]\nMACAddress=52:54:00:00:00:01\n").plan(options);
  EXPECT_THAT(plan.edits, IsEmpty());
  EXPECT_EQ(outcome(plan, "mac-addresses").status, Status::kept);
}

}  // namespace
}  // namespace vmtool::identity
