#include "tests/support/require.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "util/command.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

bool runs(std::vector<std::string> args) {
  try {
    return util::run({.args = std::move(args), .time_limit = std::chrono::seconds(20)}).exit_code == 0;
  } catch (const util::Error&) {
    return false;
  }
}

bool can_unshare_user() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// In a mount namespace of its own, so that the host sees nothing of it.
bool can_mount() {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool done = ::unshare(CLONE_NEWNS) == 0 &&
                      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                      ::mount("tmpfs", "/tmp", "tmpfs", 0, nullptr) == 0;
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool has_cgroup2() {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" cgroup2 ") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::string reason_missing(const std::string& need) {
  if (need == "root") return ::geteuid() == 0 ? "" : "not running as root";
  if (need == "libvirt") return runs({"virsh", "-c", "qemu:///system", "uri"}) ? "" : "qemu:///system does not answer";
  if (need == "tcg") return runs({"qemu-system-x86_64", "--version"}) ? "" : "qemu-system-x86_64 is not installed";
  if (need == "cgroup2") return has_cgroup2() ? "" : "no cgroup2 filesystem is mounted";
  if (need == "fuse") return ::access("/dev/fuse", R_OK | W_OK) == 0 ? "" : "/dev/fuse can't be opened";
  if (need == "cell")
    return std::getenv("VMTOOL_CELL") != nullptr
               ? ""
               : "no cell: needs root and writable cgroup v1 hierarchies, and ctest (tests/support/cell.sh)";
  if (need == "mount") return can_mount() ? "" : "filesystems can't be mounted";
  if (need == "qemu-img") return runs({"qemu-img", "--version"}) ? "" : "qemu-img is not installed";
  if (need == "skopeo") return runs({"skopeo", "--version"}) ? "" : "skopeo is not installed";
  if (need == "podman") return runs({"podman", "--version"}) ? "" : "podman is not installed";
  if (need == "userns") return can_unshare_user() ? "" : "user namespaces can't be made";
  return "unknown need '" + need + "'";
}

bool is_required(const std::string& need) {
  const char* list = std::getenv("VMTOOL_REQUIRE");
  if (list == nullptr) return false;
  const auto needs = util::split(list, ',');
  return std::find(needs.begin(), needs.end(), need) != needs.end();
}

}  // namespace vmtool::tests
