// Where the root and its /var may lie, and what hostile guests put there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "identity/undo_file.hpp"
#include "tests/integration/identity/engine_fixture.hpp"
#include "tests/support/guest_image.hpp"
#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using identity::Status;
using ::testing::HasSubstr;

class Layout : public ::testing::Test {
 protected:
  std::string failure_of(const identity::Options& options = clone_options(),
                         const identity::RootChoice& root = {}) const {
    try {
      renew({disk_}, options, root);
    } catch (const util::Error& error) {
      return error.message();
    }
    return "nothing was thrown";
  }

  TempDir directory_;
  GuestFiles files_;
  std::filesystem::path disk_ = directory_.path() / "disk.raw";
};

TEST_F(Layout, GptWithEspBootAndAVarOfItsOwn) {
  files_.write("etc/fstab",
               "PARTLABEL=root / ext4 ro 0 1\nLABEL=VAR /var ext4 rw 0 2\nPARTLABEL=esp /boot/efi vfat rw 0 0\n");
  GuestFiles var;
  for (const char* top : {"etc", "var"}) var.remove(top);
  std::filesystem::create_directories(var.path_of("lib"));
  std::filesystem::rename(files_.path_of("var/lib/dbus"), var.path_of("lib/dbus"));
  std::filesystem::rename(files_.path_of("var/lib/systemd"), var.path_of("lib/systemd"));
  util::open_file(disk_, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(disk_, 64 * mib);
  partition(disk_,
            "label: gpt\n"
            "start=1MiB, size=4MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=esp\n"
            "start=8MiB, size=16MiB, type=linux, name=var\n"
            "start=32MiB, size=24MiB, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root\n");
  make_ext(disk_, var, {"-t", "ext4", "-L", "VAR"}, 16, 8 * mib);
  make_ext(disk_, files_, {"-t", "ext4"}, 24, 32 * mib);
  const auto result = renew({disk_}, clone_options());
  EXPECT_EQ(fsck(disk_, 8 * mib), "");
  EXPECT_EQ(fsck(disk_, 32 * mib), "");
  EXPECT_EQ(guest_file(disk_, "/etc/machine-id", 32 * mib), result.report.machine_id + "\n");
  EXPECT_EQ(guest_file(disk_, "/lib/dbus/machine-id", 8 * mib), result.report.machine_id + "\n");
  EXPECT_NE(guest_file(disk_, "/lib/systemd/random-seed", 8 * mib), std::string(512, 's'));
}

TEST_F(Layout, MbrWithALogicalPartition) {
  util::open_file(disk_, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(disk_, 40 * mib);
  partition(
      disk_,
      "label: dos\nstart=1MiB, size=2MiB, type=82\nstart=4MiB, size=34MiB, type=5\nstart=6MiB, size=24MiB, type=83\n");
  make_ext(disk_, files_, {"-t", "ext4"}, 24, 6 * mib);
  const auto result = renew({disk_}, clone_options());
  EXPECT_EQ(guest_file(disk_, "/etc/machine-id", 6 * mib), result.report.machine_id + "\n");
}

TEST_F(Layout, TwoRootsAreRefusedUntilOneIsNamed) {
  util::open_file(disk_, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(disk_, 64 * mib);
  partition(disk_, "label: gpt\nstart=1MiB, size=24MiB, type=linux\nstart=32MiB, size=24MiB, type=linux\n");
  make_ext(disk_, files_, {"-t", "ext4"}, 24, 1 * mib);
  make_ext(disk_, files_, {"-t", "ext4"}, 24, 32 * mib);
  const std::string before = digest(disk_);
  EXPECT_THAT(failure_of(),
              HasSubstr("several root filesystems: disk 1 partition 1 (ext4); disk 1 partition 2 (ext4)"));
  EXPECT_EQ(digest(disk_), before);
  renew({disk_}, clone_options(), {.disk = 0, .partition = 2});
  EXPECT_EQ(guest_file(disk_, "/etc/hostname", 1 * mib), "golden\n");
  EXPECT_EQ(guest_file(disk_, "/etc/hostname", 32 * mib), "web\n");
}

TEST_F(Layout, AVarThatCannotBeEditedIsRefused) {
  files_.write("etc/fstab", "UUID=11111111-2222-3333-4444-555555555555 /var xfs defaults 0 2\n");
  make_ext(disk_, files_, {"-t", "ext4"});
  EXPECT_THAT(failure_of(), HasSubstr("'/var' of the guest"));
}

TEST_F(Layout, LinksOutOfTheGuestStayInside) {
  const auto outside = directory_.write("outside", std::string(old_machine_id) + "\n");
  files_.link("var/lib/dbus/machine-id", "../../../../../../../.." + outside.native());
  files_.link("etc/mailname", outside.native());
  make_ext(disk_, files_, {"-t", "ext4"});
  renew({disk_}, clone_options());
  EXPECT_EQ(util::read_file(outside, 100), std::string(old_machine_id) + "\n");
  EXPECT_THAT(debugfs(disk_, "stat /var/lib/dbus/machine-id"), HasSubstr("link dest: \"/etc/machine-id\""));
}

TEST_F(Layout, AMachineIdThatLinksToTheGuestsShadowIsRefused) {
  files_.write("etc/shadow", "root:$y$hash:1::::::\n");
  files_.link("etc/machine-id", "/etc/shadow");
  make_ext(disk_, files_, {"-t", "ext4"});
  const std::string before = digest(disk_);
  EXPECT_THAT(failure_of(), HasSubstr("which holds no machine-id"));
  EXPECT_EQ(digest(disk_), before);
}

TEST_F(Layout, LoopsDirectoriesAndDevicesInTheWayAreErrorsOrReported) {
  files_.link("etc/machine-id", "loop");
  files_.link("etc/loop", "machine-id");
  make_ext(disk_, files_, {"-t", "ext4"});
  EXPECT_THAT(failure_of(), HasSubstr("leads nowhere"));

  const GuestFiles directories;
  directories.remove("etc/hostname");
  directories.write("etc/hostname/file", "");
  directories.remove("etc/ssh/ssh_host_ed25519_key");
  directories.write("etc/ssh/ssh_host_ed25519_key/file", "");
  make_ext(disk_, directories, {"-t", "ext4"});
  const auto report = renew({disk_}, clone_options()).report;
  EXPECT_EQ(fsck(disk_), "");
  for (const char* item : {"hostname", "ssh-host-keys"}) {
    EXPECT_TRUE(std::any_of(report.outcomes.begin(), report.outcomes.end(), [&](const identity::Outcome& one) {
      return one.item == item && one.status == Status::not_possible;
    })) << item;
  }
}

TEST_F(Layout, LabelsAndOwnersStay) {
  make_ext(disk_, files_, {"-t", "ext4"});
  debugfs_write(
      disk_,
      "ea_set /etc/machine-id security.selinux machineid_t\nea_set /etc security.selinux etc_t\n"
      "ea_set /var/lib/dbus/machine-id security.selinux dbus_t\nsif /etc/machine-id uid 1234\nrm /etc/hostname\n");
  auto options = clone_options();
  options.machine_id = "empty";
  renew({disk_}, options);
  EXPECT_EQ(fsck(disk_), "");
  EXPECT_THAT(debugfs(disk_, "ea_get /etc/machine-id security.selinux"), HasSubstr("machineid_t"));
  EXPECT_THAT(debugfs(disk_, "ea_get /etc/hostname security.selinux"), HasSubstr("etc_t"));
  EXPECT_THAT(debugfs(disk_, "ea_get /var/lib/dbus/machine-id security.selinux"), HasSubstr("dbus_t"));
  EXPECT_THAT(debugfs(disk_, "stat /etc/machine-id"), HasSubstr("User:  1234"));
}

TEST_F(Layout, ALargeHashedDirectoryTakesANewName) {
  for (int i = 0; i < 2500; ++i) files_.write("etc/file-with-a-rather-long-name-" + std::to_string(i), "");
  files_.remove("etc/hostname");
  make_ext(disk_, files_, {"-t", "ext4", "-b", "1024", "-N", "4000"});
  util::run({{"e2fsck", "-fyD", disk_.native()}});  // makes the index
  renew({disk_}, clone_options());
  EXPECT_EQ(fsck(disk_), "");
  EXPECT_EQ(guest_file(disk_, "/etc/hostname"), "web\n");
}

TEST_F(Layout, AJournalThatWasNotReplayedIsNeverEditedOver) {
  make_ext(disk_, files_, {"-t", "ext4"});
  debugfs_write(disk_, "feature needs_recovery\n");
  const std::string before = digest(disk_);
  EXPECT_THAT(failure_of(), HasSubstr("has not been replayed"));
  EXPECT_EQ(digest(disk_), before);
}

// Dies at the n-th write, as a process that is killed does.
class MortalDevice final : public identity::BlockDevice {
 public:
  MortalDevice(util::Fd file, int writes) : inner_(std::move(file)), left_(writes) {}
  std::uint64_t size() const override { return inner_.size(); }
  void read(std::uint64_t offset, std::span<unsigned char> out) override { inner_.read(offset, out); }
  void write(std::uint64_t offset, std::span<const unsigned char> data) override {
    // Page by page, so that every boundary is met.
    for (std::size_t at = 0; at < data.size(); at += identity::StagedVolume::page_size) {
      if (left_-- == 0) ::_exit(77);
      inner_.write(offset + at, data.subspan(at, std::min(identity::StagedVolume::page_size, data.size() - at)));
    }
  }
  void flush() override { inner_.flush(); }

 private:
  identity::FileDevice inner_;
  int left_;
};

TEST_F(Layout, KilledAfterEachPageTheUndoFileBringsTheDiskBack) {
  make_ext(disk_, files_, {"-t", "ext4"});
  const std::string before = digest(disk_);
  const auto undo_path = directory_.path() / "undo";
  const std::vector<identity::Disk> disks{{{{disk_, "raw"}}}};
  int killed = 0;
  for (int page = 0;; ++page) {
    const pid_t child = ::fork();
    if (child == 0) {
      MortalDevice device(util::open_file(disk_, O_RDWR), page);
      PaperKeys keys;
      const util::Fd undo = util::open_file(undo_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
      util::write_all(undo.get(), identity::undo_header(disks));
      identity::DiskEngine({&device}, keys).run(clone_options(), {}, identity::Mode::renew, [&](const auto& runs) {
        identity::write_undo(undo.get(), identity::undo_header(disks), {&device}, runs);
      });
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    const auto undo = identity::read_undo(util::open_file(undo_path, O_RDONLY).get());
    ASSERT_TRUE(undo.has_value());
    EXPECT_EQ(undo->disks.at(0).chain.at(0).path, disk_);
    identity::FileDevice device(util::open_file(disk_, O_RDWR));
    identity::apply_undo(undo->runs, {&device});
    ASSERT_EQ(digest(disk_), before) << "after page " << page;
    if (WEXITSTATUS(status) == 0) break;
    ASSERT_EQ(WEXITSTATUS(status), 77);
    ++killed;
  }
  EXPECT_GT(killed, 8);
}

TEST_F(Layout, DamagedFilesystemsNeitherCrashNorChangeOnFailure) {
  // With checksums damage is found; without them libext2fs has to live with it.
  std::vector<std::string> good;
  for (const char* features : {"metadata_csum", "^metadata_csum"}) {
    make_ext(disk_, files_, {"-t", "ext4", "-b", "1024", "-O", features, "-J", "size=1"}, 4);
    good.push_back(util::read_file(disk_, 64 * mib));
  }
  // Superblock, descriptors, bitmaps, inodes and the first directories.
  constexpr std::size_t metadata = 320 * 1024;
  int refused = 0;
  for (unsigned seed = 0; seed < 90; ++seed) {
    std::mt19937 random(seed);
    std::string bad = good[seed % 2];
    for (unsigned i = 0; i < 8 + seed; ++i) bad[1024 + random() % metadata] = static_cast<char>(random());
    std::ofstream(disk_, std::ios::binary | std::ios::trunc) << bad;
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);
      try {
        renew({disk_}, clone_options());
      } catch (const util::Error&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status)) << "seed " << seed << " ended by signal " << WTERMSIG(status);
    if (WEXITSTATUS(status) == 0) continue;
    ++refused;
    ASSERT_EQ(util::read_file(disk_, 64 * mib), bad) << "seed " << seed;
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace vmtool::tests
