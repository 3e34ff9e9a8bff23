#pragma once
// A container under `isolate supervise`, with its run directory inside the bundle.

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/bundle.hpp"
#include "util/fd.hpp"

namespace vmtool::tests {

/// Waits until `ready` is true; false where it never was.
template <class Ready>
bool wait_until(Ready ready) {
  for (int attempt = 0; attempt < 2000; ++attempt) {
    if (ready()) return true;
    ::usleep(5000);
  }
  return false;
}

class Supervised {
 public:
  Supervised() = default;
  Supervised(const Supervised&) = delete;
  Supervised& operator=(const Supervised&) = delete;
  ~Supervised() {
    if (std::filesystem::exists(directory() / "status.json")) end_monitor(SIGKILL);
  }

  Bundle bundle{};

  std::filesystem::path directory() const { return bundle.path() / "run"; }

  /// The words after `isolate`.
  std::vector<std::string> words(std::vector<std::string> more = {}) const {
    std::vector<std::string> out{"supervise", "--bundle", bundle.path().native(), "--directory", directory().native()};
    out.insert(out.end(), more.begin(), more.end());
    out.emplace_back("test");
    return out;
  }
  util::Result start(std::vector<std::string> more = {}) {
    bundle.write("test");
    return bundle.isolate(words(std::move(more)));
  }

  std::string read(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(directory() / name).rdbuf();
    return out.str();
  }
  nlohmann::json status() const { return nlohmann::json::parse(read("status.json")); }
  bool wait_for_state(const std::string& state) const {
    return wait_until([&] { return status()["state"] == state; });
  }
  bool wait_for_log(const std::string& text) const {
    return wait_until([&] { return read("log").find(text) != std::string::npos; });
  }
  /// Whether a monitor lives: whether somebody holds the lock.
  bool has_monitor() const {
    const util::Fd lock(::open((directory() / "monitor.lock").c_str(), O_RDONLY | O_CLOEXEC));
    return lock && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0;
  }
  /// Signals the monitor and waits until there is none.
  bool end_monitor(int signal) const {
    const int pid = status()["monitorPid"];
    if (has_monitor()) ::kill(pid, signal);
    return wait_until([&] { return !has_monitor(); });
  }
  bool stop() const { return end_monitor(SIGTERM); }
};

}  // namespace vmtool::tests
