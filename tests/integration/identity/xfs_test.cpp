// XFS, edited in place. xfs_repair and xfs_db are the independent readers, and the host's kernel where it may mount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/xfs_directory.hpp"
#include "identity/xfs_fs.hpp"
#include "tests/integration/identity/engine_fixture.hpp"
#include "tests/integration/identity/xfs_image.hpp"
#include "tests/support/require.hpp"
#include "util/error.hpp"
#include "util/undo.hpp"

namespace vmtool::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class XfsInPlace : public ::testing::Test {
 protected:
  // A guest of which nothing has to be removed: what a clone of it renews has its blocks already.
  XfsInPlace() {
    for (const char* path : {"var/lib/dhcp", "var/lib/cloud"}) files_.remove(path);
    files_.write("etc/systemd/network/10-lan.network", "[Match]\nName=en*\n[Network]\nDHCP=yes\n");
  }

  void make(const std::vector<std::string>& options = {}) const { make_xfs(disk_, files_.path(), options); }

  // Where a second reader finds what lies in one block: the first block of the inode that it finds by the path.
  std::string file(const std::string& path) const {
    const auto run = [&](const std::string& request) {
      return util::run_checked({{"xfs_db", "-r", "-f", "-c", "path " + path, "-c", request, disk_.native()}}).out;
    };
    const std::string printed = run("print core.size");
    const std::size_t size = std::stoul(printed.substr(printed.find('=') + 1));
    const util::Result raw = util::run_checked({{"xfs_db", "-r", "-f", "-c", "path " + path, "-c", "dblock 0", "-c",
                                                 "type text", "-c", "print", disk_.native()}});
    return text_of(raw.out).substr(0, size);
  }
  static std::string text_of(const std::string& dump) {
    // "00:  30 31 …  01…": sixteen bytes a line, in hex.
    std::string text;
    std::istringstream lines(dump);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line.substr(line.find(':') + 1, 50));
      for (std::string word; words >> word && word.size() == 2;)
        text += static_cast<char>(std::stoi(word, nullptr, 16));
    }
    return text;
  }
  void while_mounted(const std::function<void(const std::filesystem::path& root)>& work) const {
    const auto place = directory_.path() / "mounted";
    std::filesystem::create_directories(place);
    util::run_checked({{"mount", "-o", "loop", disk_.native(), place.native()}});
    util::Undo afterwards(
        [](const std::string& what, const std::string& why) { ADD_FAILURE() << what << ": " << why; });
    afterwards.add("unmount the image", [&] { util::run_checked({{"umount", place.native()}}); });
    work(place);
  }
  void expect_sound() const {
    const util::Result check = util::run({{"xfs_repair", "-n", "-f", disk_.native()}});
    EXPECT_EQ(check.exit_code, 0) << check.out << check.err;
  }

  TempDir directory_;
  GuestFiles files_;
  std::filesystem::path disk_ = directory_.path() / "xfs.raw";
};

TEST_F(XfsInPlace, RenewsAGuest) {
  make();
  const identity::DiskResult result = renew({disk_}, clone_options());
  expect_sound();
  EXPECT_EQ(file("/etc/machine-id"), result.report.machine_id + "\n");
  EXPECT_EQ(file("/var/lib/dbus/machine-id"), result.report.machine_id + "\n");
  EXPECT_NE(result.report.machine_id, old_machine_id);
  EXPECT_EQ(file("/etc/hostname"), "web\n");
  EXPECT_THAT(file("/etc/hosts"), HasSubstr("web.example.org web"));
  EXPECT_EQ(file("/etc/ssh/ssh_host_ed25519_key"), "new private ed25519\n");
}

TEST_F(XfsInPlace, TheKernelReadsWhatWasWritten) {
  VMTOOL_NEEDS("mount");
  make();
  const std::string id = renew({disk_}, clone_options()).report.machine_id;
  std::string seen;
  std::filesystem::perms mode{};
  while_mounted([&](const std::filesystem::path& root) {
    seen = util::read_file(root / "etc/machine-id", 100) + util::read_file(root / "etc/hostname", 100);
    mode = std::filesystem::status(root / "etc/machine-id").permissions();
  });
  EXPECT_EQ(seen, id + "\nweb\n");
  EXPECT_EQ(mode, std::filesystem::perms(0444));
}

// Each form that a directory takes as it grows, and each size of its blocks.
TEST_F(XfsInPlace, FindsFilesInLargeDirectories) {
  for (int i = 0; i < 1500; ++i) files_.write("etc/ssh/moduli.d/a-rather-long-name-of-a-file-" + std::to_string(i), "");
  for (int i = 0; i < 200; ++i) files_.write("etc/leaf.d/a-rather-long-name-of-a-file-" + std::to_string(i), "");
  for (int i = 0; i < 30; ++i) files_.write("etc/block.d/a-rather-long-name-" + std::to_string(i), "");
  for (const std::vector<std::string>& options : {std::vector<std::string>{},
                                                  {"-n", "size=16384"},
                                                  {"-b", "size=1024", "-n", "size=4096"},
                                                  {"-i", "size=1024"},
                                                  {"-m", "reflink=1,rmapbt=1,bigtime=1"}}) {
    SCOPED_TRACE(testing::PrintToString(options));
    std::filesystem::remove(disk_);
    make(options);
    identity::FileDevice device(util::open_file(disk_, O_RDWR));
    identity::StagedVolume volume(device, 0, device.size());
    identity::XfsFs fs(volume);
    EXPECT_TRUE(fs.is_clean());
    const auto etc = fs.lookup(fs.root(), "etc");
    ASSERT_TRUE(etc);
    EXPECT_THAT(fs.list(*fs.lookup(*etc, "leaf.d")), SizeIs(200));
    EXPECT_THAT(fs.list(*fs.lookup(*etc, "block.d")), SizeIs(30));
    const auto many = fs.list(*fs.lookup(*fs.lookup(*etc, "ssh"), "moduli.d"));
    EXPECT_THAT(many, SizeIs(1500));
    EXPECT_THAT(many, Contains("a-rather-long-name-of-a-file-777"));
    EXPECT_EQ(renew({disk_}, clone_options()).report.machine_id.size(), 32U);
    expect_sound();
  }
}

// mkfs.xfs writes long targets in the form of version 4, so the kernel has to make this link.
TEST_F(XfsInPlace, FollowsLinksWithinTheGuest) {
  VMTOOL_NEEDS("mount");
  const std::string deep = std::string(200, 'd') + "/" + std::string(200, 'e');
  files_.write(deep + "/machine-id", std::string(old_machine_id) + "\n");
  files_.remove("etc/machine-id");
  files_.link("var/lib/dbus/machine-id", "/etc/machine-id");
  make();
  while_mounted([&](const std::filesystem::path& root) {
    std::filesystem::create_symlink("../" + deep + "/machine-id", root / "etc/machine-id");
  });
  const std::string id = renew({disk_}, clone_options()).report.machine_id;
  EXPECT_EQ(file("/" + deep + "/machine-id"), id + "\n");
  expect_sound();
}

// What needs an allocation is for a kernel, and nothing has been written by then.
TEST_F(XfsInPlace, LeavesToAKernelWhatNeedsAnAllocation) {
  const auto expect_untouched = [&](const identity::Options& options) {
    const auto before = directory_.path() / "before.raw";
    util::run_checked({{"cp", "--sparse=always", disk_.native(), before.native()}});
    EXPECT_THROW(renew({disk_}, options), identity::NeedsAppliance);
    EXPECT_EQ(util::run({{"cmp", disk_.native(), before.native()}}).exit_code, 0);
  };
  files_.write("var/lib/dhcp/dhclient.eth0.leases", "lease { fixed-address 10.0.0.5; }\n");
  make();
  expect_untouched(clone_options());
  files_.remove("var/lib/dhcp");
  files_.write("etc/hostname", "");  // has no block
  make();
  expect_untouched(clone_options());
}

TEST_F(XfsInPlace, AnUnreplayedLogIsForAKernel) {
  VMTOOL_NEEDS("mount");
  make();
  const auto torn = directory_.path() / "torn.raw";
  while_mounted([&](const std::filesystem::path& root) {
    util::write_file_atomic(root / "etc/new", "x");
    util::run_checked({{"sync", "-f", root.native()}});
    util::run_checked({{"cp", "--sparse=always", disk_.native(), torn.native()}});
  });
  EXPECT_THROW(renew({torn}, clone_options()), identity::NeedsAppliance);
  // The same filesystem, unmounted in order.
  EXPECT_EQ(renew({disk_}, clone_options()).report.machine_id.size(), 32U);
  expect_sound();
}

TEST_F(XfsInPlace, AnOlderVersionIsForAKernel) {
  make({"-m", "crc=0"});
  EXPECT_THROW(renew({disk_}, clone_options()), identity::NeedsAppliance);
}

TEST_F(XfsInPlace, ADamagedInodeIsAnErrorAndNotAnotherWay) {
  make();
  const std::string printed =
      util::run_checked({{"xfs_db", "-r", "-f", "-c", "path /etc", "-c", "daddr", disk_.native()}}).out;
  const std::size_t place = std::stoul(printed.substr(printed.rfind(' ') + 1)) * 512;
  const util::Fd disk = util::open_file(disk_, O_RDWR);
  for (std::size_t i = 0; i < 8; ++i)
    ASSERT_EQ(::pwrite(disk.get(), "\xff", 1, static_cast<off_t>(place + i * 512 + 30)), 1);
  try {
    renew({disk_}, clone_options());
    ADD_FAILURE() << "a damaged inode was taken";
  } catch (const util::Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("damaged"));
  }
}

}  // namespace
}  // namespace vmtool::tests
