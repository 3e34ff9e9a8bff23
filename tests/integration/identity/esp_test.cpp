// The EFI system partition: a boot loader's random seed is renewed in place. mtools is the other reader.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/integration/identity/engine_fixture.hpp"
#include "tests/support/guest_image.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

class Esp : public ::testing::TestWithParam<const char*> {
 protected:
  std::string on_esp(const std::string& path) const {
    return util::run_checked({{"mtype", "-i", disk_.native() + "@@1M", "::" + path}}).out;
  }
  void make_disk() const {
    util::open_file(disk_, O_RDWR | O_CREAT, 0600);
    std::filesystem::resize_file(disk_, 80 * mib);
    partition(
        disk_,
        "label: gpt\nstart=1MiB, size=40MiB, type=uefi, name=esp\nstart=48MiB, size=24MiB, type=linux, name=root\n");
    util::Command format{{"mkfs.vfat", "--offset", "2048"}};
    for (const std::string& word : util::split(GetParam(), ' ')) format.args.push_back(word);
    format.args.insert(format.args.end(), {disk_.native(), std::to_string(40 * 1024)});
    util::run_checked(format);
    const std::string drive = disk_.native() + "@@1M";
    util::run_checked({{"mmd", "-i", drive, "::/EFI", "::/loader", "::/EFI/a directory with a long name"}});
    util::run_checked(
        {{"mcopy", "-i", drive, directory_.write("seed", std::string(512, 's')).native(), "::/loader/random-seed"}});
    util::run_checked(
        {{"mcopy", "-i", drive, directory_.write("conf", "timeout 3\n").native(), "::/loader/loader.conf"}});
    make_ext(disk_, files_, {"-t", "ext4"}, 24, 48 * mib);
  }

  TempDir directory_;
  GuestFiles files_;
  std::filesystem::path disk_ = directory_.path() / "disk.raw";
};

TEST_P(Esp, SeedIsRenewedAndTheRestStays) {
  files_.write("etc/fstab", "PARTLABEL=root / ext4 defaults 0 1\nPARTLABEL=esp /boot/efi vfat umask=0077 0 1\n");
  std::filesystem::create_directories(files_.path_of("boot/efi"));
  make_disk();
  const auto result = renew({disk_}, clone_options());
  const std::string seed = on_esp("/loader/random-seed");
  EXPECT_EQ(seed.size(), 512U);
  EXPECT_NE(seed, std::string(512, 's'));
  EXPECT_EQ(on_esp("/loader/loader.conf"), "timeout 3\n");
  EXPECT_TRUE(
      std::any_of(result.report.outcomes.begin(), result.report.outcomes.end(), [](const identity::Outcome& one) {
        return one.path == "/boot/efi/loader/random-seed" && one.status == identity::Status::renewed;
      }));
  EXPECT_EQ(fsck(disk_, 48 * mib), "");
  EXPECT_EQ(guest_file(disk_, "/etc/machine-id", 48 * mib), result.report.machine_id + "\n");
}

TEST_P(Esp, ADamagedOneIsReportedAndTheSystemRenewed) {
  files_.write("etc/fstab", "PARTLABEL=root / ext4 defaults 0 1\nPARTLABEL=esp /boot/efi vfat umask=0077 0 1\n");
  std::filesystem::create_directories(files_.path_of("boot/efi"));
  make_disk();
  // No tables: still a FAT filesystem to libblkid, and none to read.
  const util::Fd disk = util::open_file(disk_, O_RDWR);
  const std::string none(2, '\0');
  ASSERT_EQ(::pwrite(disk.get(), none.data(), 2, static_cast<off_t>(mib + 14)), 2);
  ASSERT_EQ(::pwrite(disk.get(), "\xff\xff\xff\xff", 4, static_cast<off_t>(mib + 32)), 4);
  const auto report = renew({disk_}, clone_options()).report;
  EXPECT_EQ(guest_file(disk_, "/etc/machine-id", 48 * mib), report.machine_id + "\n");
}

// mtools refuses such a filesystem, firmware and Linux do not: the layout says what it is, not the number of clusters.
TEST(SmallEsp, OfFat32IsReadAsFat32) {
  const TempDir directory;
  const GuestFiles files;
  const auto disk = directory.path() / "disk.raw";
  files.write("etc/fstab", "PARTLABEL=root / ext4 defaults 0 1\nPARTLABEL=esp /boot/efi vfat umask=0077 0 1\n");
  std::filesystem::create_directories(files.path_of("boot/efi"));
  util::open_file(disk, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(disk, 80 * mib);
  partition(
      disk,
      "label: gpt\nstart=1MiB, size=40MiB, type=uefi, name=esp\nstart=48MiB, size=24MiB, type=linux, name=root\n");
  util::run_checked(
      {{"mkfs.vfat", "-F", "32", "-s", "8", "--offset", "2048", disk.native(), std::to_string(40 * 1024)}});
  make_ext(disk, files, {"-t", "ext4"}, 24, 48 * mib);
  const auto report = renew({disk}, clone_options()).report;
  EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
  EXPECT_EQ(guest_file(disk, "/etc/machine-id", 48 * mib), report.machine_id + "\n");
}

INSTANTIATE_TEST_SUITE_P(Fat, Esp, testing::Values("-F 12", "-F 16", "-F 32 -s 1"));

}  // namespace
}  // namespace vmtool::tests
