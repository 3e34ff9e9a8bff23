#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "tests/integration/virt/host.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"

namespace vmtool::virt::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using vmtool::tests::TempDir;

constexpr std::uint64_t mib = 1 << 20;

class StorageOnHost : public Host {
 protected:
  Pool pool_in(const std::filesystem::path& path) const {
    Pool pool = host().define_pool(dir_pool("vt-virt-pool", path.native()));
    pool.build();
    pool.start();
    return pool;
  }
  static std::string content_of(const std::string& path) { return util::read_file(path, 128 * mib); }
  static struct stat status_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status;
  }
  TempDir dir_;
};

TEST_F(StorageOnHost, APoolLivesFromDefineToUndefine) {
  const Pool pool = host().define_pool(dir_pool("vt-virt-pool", (dir_.path() / "made").native()));
  EXPECT_FALSE(pool.is_active());
  EXPECT_TRUE(pool.is_persistent());
  pool.build();
  pool.start();
  EXPECT_TRUE(pool.is_active());
  EXPECT_GT(pool.info().available_bytes, 0U);
  pool.set_autostart(true);
  EXPECT_TRUE(pool.autostart());
  EXPECT_THAT(pool.xml(), HasSubstr("made</path>"));
  std::ofstream(dir_.path() / "made" / "late.raw") << "x";
  EXPECT_FALSE(pool.find_volume("late.raw").has_value());
  pool.refresh();
  EXPECT_TRUE(pool.find_volume("late.raw").has_value());
  pool.destroy();
  pool.undefine();
  EXPECT_FALSE(host().find_pool("vt-virt-pool").has_value());
}

TEST_F(StorageOnHost, VolumesAreMadeGrownCopiedAndRemoved) {
  const Pool pool = pool_in(dir_.path());
  const Volume disk = pool.create_volume(volume("a.qcow2", "qcow2", 64 * mib), Pool::Metadata::preallocate);
  EXPECT_EQ(disk.path(), dir_.path() / "a.qcow2");
  EXPECT_EQ(host().find_volume_by_path(disk.path())->name(), "a.qcow2");
  disk.resize(128 * mib);
  EXPECT_THAT(disk.xml(), HasSubstr("<capacity unit='bytes'>134217728</capacity>"));
  const Volume copy = pool.copy_volume(volume("b.qcow2", "qcow2", 128 * mib), disk);
  EXPECT_THAT(copy.xml(), HasSubstr("<capacity unit='bytes'>134217728</capacity>"));
  EXPECT_EQ(pool.volumes().size(), 2U);
  const util::Error twice =
      error_of([&] { pool.create_volume(volume("b.qcow2", "qcow2", mib), Pool::Metadata::sparse); });
  EXPECT_EQ(twice.kind(), util::Errc::conflict);
  disk.remove();
  copy.remove();
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  EXPECT_EQ(error_of([&] { disk.remove(); }).kind(), util::Errc::not_found);
  EXPECT_FALSE(host().find_volume_by_path((dir_.path() / "a.qcow2").native()).has_value());
}

TEST_F(StorageOnHost, AnUploadIsTheFileWithItsHoles) {
  const TempDir other;
  const auto path = other.path() / "source";
  const util::Fd source = util::open_file(path, O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(::ftruncate(source.get(), 40 * mib), 0);
  const std::string text(3 * mib + 17, 'v');
  ASSERT_EQ(::pwrite(source.get(), text.data(), text.size(), 5 * mib), static_cast<ssize_t>(text.size()));

  const Pool pool = pool_in(dir_.path());
  const Volume raw = pool.create_volume(volume("u.raw", "raw", 40 * mib), Pool::Metadata::sparse);
  std::vector<std::uint64_t> done;
  raw.upload(source.get(), 40 * mib, [&](std::uint64_t bytes, std::uint64_t total) {
    EXPECT_EQ(total, 40 * mib);
    done.push_back(bytes);
  });
  ASSERT_FALSE(done.empty());
  EXPECT_EQ(done.back(), 40 * mib);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_TRUE(content_of(raw.path()) == content_of(path.native()));
  EXPECT_LT(status_of(raw.path()).st_blocks * 512, 8 * static_cast<off_t>(mib));
}

// A hole of the source must not leave what the fresh volume's own header has written there.
TEST_F(StorageOnHost, AnUploadOverAFormattedVolumeReplacesAllOfIt) {
  const TempDir other;
  const auto path = other.path() / "source.qcow2";
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=512k,preallocation=off",
                              path.native(), "32M"}});
  const util::Fd source = util::open_file(path, O_RDONLY);
  const auto size = static_cast<std::uint64_t>(status_of(path.native()).st_size);
  const Pool pool = pool_in(dir_.path());
  const Volume target = pool.create_volume(volume("t.qcow2", "qcow2", 64 * mib), Pool::Metadata::preallocate);
  target.upload(source.get(), size, {});
  EXPECT_TRUE(content_of(target.path()).substr(0, size) == content_of(path.native()));
}

TEST_F(StorageOnHost, ZerosAllocateARawVolume) {
  const Pool pool = pool_in(dir_.path());
  const Volume raw = pool.create_volume(volume("z.raw", "raw", 20 * mib), Pool::Metadata::sparse);
  std::uint64_t last = 0;
  raw.upload_zeros(0, 20 * mib, [&](std::uint64_t bytes, std::uint64_t) { last = bytes; });
  EXPECT_EQ(last, 20 * mib);
  EXPECT_GE(status_of(raw.path()).st_blocks * 512, 20 * static_cast<off_t>(mib));
  EXPECT_TRUE(content_of(raw.path()) == std::string(20 * mib, '\0'));
}

TEST_F(StorageOnHost, AProgressThatThrowsEndsTheUploadAndTheConnectionGoesOn) {
  const Pool pool = pool_in(dir_.path());
  const Volume raw = pool.create_volume(volume("z.raw", "raw", 64 * mib), Pool::Metadata::sparse);
  const util::Error error = error_of([&] {
    raw.upload_zeros(0, 64 * mib,
                     [](std::uint64_t, std::uint64_t) { throw util::Error(util::Errc::interrupted, "enough"); });
  });
  EXPECT_EQ(error.message(), "enough");
  EXPECT_TRUE(pool.find_volume("z.raw").has_value());
  raw.remove();
}

TEST_F(StorageOnHost, ARefreshWaitsWhileAVolumeIsMade) {
  const Pool pool = pool_in(dir_.path());
  std::atomic<bool> is_done{false};
  std::thread other([&] {
    EXPECT_NO_THROW(pool.create_volume(volume("w.qcow2", "qcow2", 65'536 * mib), Pool::Metadata::preallocate));
    is_done = true;
  });
  while (!is_done) EXPECT_NO_THROW(pool.refresh());
  other.join();
  EXPECT_TRUE(pool.find_volume("w.qcow2").has_value());
}

TEST_F(StorageOnHost, AFileThatIsTooShortIsInvalid) {
  const TempDir other;
  const util::Fd source = util::open_file(other.write("short", "abc"), O_RDONLY);
  const Pool pool = pool_in(dir_.path());
  const Volume raw = pool.create_volume(volume("s.raw", "raw", mib, mib), Pool::Metadata::sparse);
  EXPECT_EQ(error_of([&] { raw.upload(source.get(), mib, {}); }).kind(), util::Errc::invalid_input);
}

TEST_F(StorageOnHost, AFullPoolSaysSoAndKeepsNothing) {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("mount");
  ASSERT_EQ(::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, "size=4m"), 0);
  struct Unmount {
    std::filesystem::path path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{dir_.path()};
  const Pool pool = pool_in(dir_.path());
  const util::Error raw =
      error_of([&] { pool.create_volume(volume("f.raw", "raw", 64 * mib, 64 * mib), Pool::Metadata::sparse); });
  EXPECT_EQ(raw.kind(), util::Errc::io);
  EXPECT_THAT(raw.message(), AllOf(HasSubstr("the pool is full: "), HasSubstr("No space left on device")));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));

  const Volume sparse = pool.create_volume(volume("g.raw", "raw", 64 * mib), Pool::Metadata::sparse);
  const util::Error upload = error_of([&] { sparse.upload_zeros(0, 64 * mib, {}); });
  EXPECT_EQ(upload.kind(), util::Errc::io);
  EXPECT_THAT(upload.message(), HasSubstr("the pool is full: "));
  sparse.remove();
}

TEST_F(StorageOnHost, APoolWithoutItsDirectoryIsNotFound) {
  const Pool pool = host().define_pool(dir_pool("vt-virt-pool", (dir_.path() / "none").native()));
  const util::Error error = error_of([&] { pool.start(); });
  EXPECT_EQ(error.kind(), util::Errc::not_found);
  EXPECT_THAT(error.message(), HasSubstr("starting pool 'vt-virt-pool': "));
}

}  // namespace
}  // namespace vmtool::virt::tests
