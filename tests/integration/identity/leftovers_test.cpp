// A helper that is killed at any moment leaves no process behind.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "identity/private_dir.hpp"
#include "identity/wire.hpp"
#include "tests/support/guest_image.hpp"
#include "util/command.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

// Processes whose command line names the disk.
int users_of(const std::filesystem::path& disk) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (line.find(disk.native()) != std::string::npos) ++count;
  }
  return count;
}

TEST(Leftovers, AreNoneAfterAKill) {
  const TempDir directory;
  const GuestFiles files;
  const auto raw = directory.path() / "disk.raw";
  const auto image = directory.path() / "disk.qcow2";
  make_ext(raw, files, {"-t", "ext4"});
  util::run_checked({{"qemu-img", "convert", "-O", "qcow2", raw.native(), image.native()}});
  identity::Job job;
  job.request.target.disks = {{{{image, "qcow2"}}}};
  directory.write("job", identity::to_json(job).dump());
  const auto helper = std::filesystem::path(std::getenv("VMTOOL_BUILD_DIR")) / "src/identity/vmtool-identity";
  // Private directories of its own, so that other runs on this host are not counted.
  const auto runtime = directory.path() / "run";
  std::filesystem::create_directory(runtime);
  for (int delay = 0; delay < 60; delay += 6) {
    const util::Fd input = util::open_file(directory.path() / "job", O_RDONLY);
    util::Command command{{helper.native()}};
    command.env = {{"XDG_RUNTIME_DIR", runtime.native()}};
    util::Child child = util::spawn(command, {input.get(), -1, -1});
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    child.stop();
    for (int wait = 0; users_of(image) > 0 && wait < 4000; ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_EQ(users_of(image), 0) << "killed after " << delay << " ms";
  }
}

TEST(Leftovers, OfAKilledRunAreRemovedByTheNextOneButNotWhatIsInUse) {
  const TempDir directory;
  const auto abandoned = directory.path() / "vmtool-identity-abandoned";
  const auto used = directory.path() / "vmtool-identity-used";
  const auto young = directory.path() / "vmtool-identity-young";
  directory.write("vmtool-identity-abandoned/key0", "secret");
  directory.write("vmtool-identity-used/key0", "secret");
  directory.write("vmtool-identity-young/key0", "secret");
  directory.write("something-else/file", "");
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& path : {abandoned, used, directory.path() / "something-else"})
    std::filesystem::last_write_time(path, long_ago);
  const util::Fd lock = util::open_file(used, O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  identity::remove_abandoned_dirs(directory.path());
  EXPECT_FALSE(std::filesystem::exists(abandoned));
  EXPECT_TRUE(std::filesystem::exists(used / "key0"));
  EXPECT_TRUE(std::filesystem::exists(young / "key0"));
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "something-else"));
}

}  // namespace
}  // namespace vmtool::tests
