#pragma once
// A machine with a small Debian-like system on its disk, ready to be cloned: 'vt-clone-src', in a pool, on a network and
// with a state directory of the test's own.

#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <optional>

#include "ops/clone.hpp"
#include "tests/support/guest_image.hpp"
#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"

namespace vmtool::tests {

inline constexpr const char* clone_source = "vt-clone-src";
inline constexpr const char* clone_pool = "vt-clone-pool";
inline constexpr const char* clone_network = "vt-clone-net";

class QuietReporter : public util::Reporter {
 public:
  void warn(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    warnings.emplace_back(text);
  }
  std::vector<std::string> warnings;

 private:
  std::mutex mutex_;
};

class CloneScene : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Connections are opened anew, so that none lives while a test forks.
  static virt::Connection connect() { return virt::Connection::open("qemu:///system"); }
  std::filesystem::path pool_file(const std::string& name) const { return pool_dir_.path() / name; }
  std::filesystem::path state_dir() const { return state_dir_.path(); }
  ops::CloneOptions options(ops::CloneMode mode, std::vector<std::string> names = {"vt-clone-a"}) const;
  ops::CloneHooks hooks(ops::Observer observer = {}) const;
  std::vector<ops::CloneReport> clone(const ops::CloneOptions& options, ops::Observer observer = {});
  util::Error error_of(const ops::CloneOptions& options);

  /// Everything of ours that the host knows: machines, reservations, files of the pool, journals.
  std::vector<std::string> traces() const;
  /// The digests of the source's files, and its definition.
  std::string source_print() const;
  /// Starts the source as it is, without letting it run, and stops it.
  static void expect_that_the_source_starts();
  /// The content of a file inside a machine's disk, read by debugfs.
  std::string inside(const std::string& disk_path, const std::string& guest_path) const;

  TempDir pool_dir_;
  TempDir firmware_dir_;
  TempDir state_dir_;
  TempDir scratch_;
  GuestFiles guest_;
  QuietReporter reporter_;

 private:
  static void remove_leftovers();
  bool is_set_up_ = false;
};

}  // namespace vmtool::tests
