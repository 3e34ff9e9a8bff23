#include "ops/remembered.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "ops/state_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_fact = 4096;

std::string runtime_of_user() {
  const char* path = std::getenv("XDG_RUNTIME_DIR");
  return path != nullptr && *path == '/' ? path : "";
}

// When a daemon starts it claims its pid file anew.
std::string stamp(const fs::path& pid_file) {
  struct stat facts {};
  if (::stat(pid_file.c_str(), &facts) != 0) return "";
  return fmt::format(" {}:{}:{}.{}", pid_file.filename().native(), facts.st_ino, facts.st_mtim.tv_sec,
                     facts.st_mtim.tv_nsec);
}

}  // namespace

std::optional<std::string> recall(const std::string& fact, std::string_view key) {
  if (key.empty()) return std::nullopt;
  try {
    const std::string text = util::read_file(run_dir() / fact, longest_fact);
    const auto end = text.find('\n');
    if (end == std::string::npos || std::string_view(text).substr(0, end) != key) return std::nullopt;
    return text.substr(end + 1);
  } catch (const util::Error&) {
    return std::nullopt;
  }
}

void remember(const std::string& fact, std::string_view key, std::string_view value) {
  if (key.empty()) return;
  try {
    std::error_code ignored;
    fs::create_directories(run_dir(), ignored);
    util::write_file_atomic(run_dir() / fact, fmt::format("{}\n{}", key, value));
  } catch (const util::Error&) {
    // It only costs the next run a moment.
  }
}

std::string boot_id() {
  try {
    return std::string(
        util::trim(util::read_all(util::open_file("/proc/sys/kernel/random/boot_id", O_RDONLY).get(), 100)));
  } catch (const util::Error&) {
    return "";
  }
}

std::string daemon_life(const std::string& uri) {
  std::string directory;
  if (uri == "qemu:///system") directory = "/run";
  if (uri == "qemu:///session" && !runtime_of_user().empty()) directory = runtime_of_user() + "/libvirt";
  if (directory.empty()) return "";
  // Which of the two answers is libvirt's choice, so a new life of either counts.
  const std::string lives = stamp(fs::path(directory) / "libvirtd.pid") + stamp(fs::path(directory) / "virtqemud.pid");
  return lives.empty() ? "" : uri + lives;
}

}  // namespace vmtool::ops
