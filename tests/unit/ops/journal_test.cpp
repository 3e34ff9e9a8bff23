#include "ops/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Operation operation{"clone", "web2", "qemu:///system"};

std::vector<Record> one_of_each() {
  return {MadeVolume{"default", "a.qcow2", "/pool/a.qcow2"},
          MadeFile{"/tmp/with\ttab and 100%\nnewline"},
          MadeDirectory{"/tmp/d"},
          MadePool{"p"},
          MadeNetwork{"n"},
          MadeReservation{"n", {"web2", model::parse_mac("52:54:00:00:00:01"), *model::parse_ip("192.168.1.2")}},
          MadeReservation{"n", {"", std::nullopt, *model::parse_ip("fd00::2")}},
          MadeDomain{"web2", "11111111-2222-4333-8444-555555555555"},
          ReplacedDomain{"web", "11111111-2222-4333-8444-555555555555", "<domain>\n\t<name>web</name>\n</domain>\n"},
          ReplacedNetwork{"n", "<network/>"},
          MovedDisk{"web", "u", "vda", "/pool/web-root-2.qcow2", "/pool/web-root.raw", "raw"},
          RunningBackup{"web", "u", "/pool/copy.qcow2"},
          BootedAppliance{"vmtool-appliance-1", "u"}};
}

util::Error error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const util::Error& error) {
    return error;
  }
  return {util::Errc::internal, "nothing was thrown"};
}

// A process that dies as by kill -9 after `work`.
void die_after(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(Records, AreReadBackAsTheyWereWritten) {
  for (const Record& record : one_of_each()) {
    const std::string line = write_line(record);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(read_line(line), record) << line;
    EXPECT_NE(describe(record), "");
  }
  EXPECT_EQ(read_line("volume\ttoo\tfew"), std::nullopt);
  EXPECT_EQ(read_line(""), std::nullopt);
  EXPECT_EQ(read_line("reservation\tn\tx\t\tno-address"), std::nullopt);
}

TEST(Journals, OfALivingProcessAreLeftAlone) {
  const tests::TempDir dir;
  Journal journal = Journal::begin(dir.path(), operation);
  journal.add(one_of_each());
  const FoundJournals found = find_journals(dir.path());
  EXPECT_THAT(found.left, IsEmpty());
  EXPECT_THAT(found.running, ElementsAre("clone of 'web2'"));
  journal.close();
  EXPECT_THAT(find_journals(dir.path()).running, IsEmpty());
}

TEST(Journals, OfAKilledProcessAreFoundWithWhatItAnnounced) {
  const tests::TempDir dir;
  die_after([&] {
    Journal journal = Journal::begin(dir.path(), operation);
    journal.add({MadeFile{"/a"}});
    const std::size_t second = journal.add({MadeFile{"/b"}, MadeFile{"/c"}});
    journal.withdraw(second);
    journal.set_goal({{"web2", "u"}});
  });
  const FoundJournals found = find_journals(dir.path());
  ASSERT_THAT(found.left, SizeIs(1));
  const JournalText& text = found.left[0].text;
  EXPECT_EQ(text.operation.uri, "qemu:///system");
  EXPECT_THAT(text.records, ElementsAre(Record(MadeFile{"/a"}), Record(MadeFile{"/c"})));
  ASSERT_THAT(text.goal, SizeIs(1));
  EXPECT_EQ(text.goal[0].name, "web2");
}

TEST(Journals, RefuseASecondRunOfTheSameUntilTheFirstIsRecovered) {
  const tests::TempDir dir;
  {
    const Journal journal = Journal::begin(dir.path(), operation);
    const util::Error running = error_of([&] { Journal::begin(dir.path(), operation); });
    EXPECT_EQ(running.kind(), util::Errc::conflict);
    EXPECT_THAT(running.message(), HasSubstr("another vmtool"));
    Journal::begin(dir.path(), {"clone", "other", "qemu:///system"}).close();
    Journal::begin(dir.path(), {"clone", "web2", "qemu+ssh://elsewhere/system"}).close();
  }
  const util::Error killed = error_of([&] { Journal::begin(dir.path(), operation); });
  EXPECT_EQ(killed.kind(), util::Errc::conflict);
  EXPECT_EQ(killed.hint(), "vmtool recover");
  // Nothing but the one journal: what was refused left no file.
  const auto entries = std::filesystem::directory_iterator(dir.path() / "journal");
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(JournalTexts, EndWithTheLastWholeLine) {
  const std::string head = "vmtool journal 1\noperation\tclone\tweb2\tqemu:///system\n";
  const auto torn = read_journal(head + "0\tfile\t/a\n1\tfile\t/b");
  ASSERT_TRUE(torn);
  EXPECT_THAT(torn->records, ElementsAre(Record(MadeFile{"/a"})));
  EXPECT_EQ(read_journal("vmtool journal 2\noperation\tclone\tweb2\tx\n"), std::nullopt);
  EXPECT_EQ(read_journal(head + "0\tmachine\tof the future\n"), std::nullopt);
  EXPECT_EQ(read_journal(""), std::nullopt);
}

}  // namespace
}  // namespace vmtool::ops
