#include "ops/container_state.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "ops/engine.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

constexpr std::size_t status_limit = 65536;

// Field 22 of /proc/PID/stat (proc(5)); the name before it may hold spaces and parentheses.
std::optional<std::uint64_t> start_time_of(int pid) {
  try {
    const std::string text = util::read_all(util::open_file(fmt::format("/proc/{}/stat", pid), O_RDONLY).get(), 4096);
    const auto end_of_name = text.rfind(") ");
    if (end_of_name == std::string::npos) return std::nullopt;
    const auto fields = util::split(std::string_view(text).substr(end_of_name + 2), ' ');
    // A zombie has ended.
    if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X") return std::nullopt;
    return util::parse_decimal(fields[19]);
  } catch (const util::Error&) {
    return std::nullopt;
  }
}

std::optional<bundle::Status> read_status_file(const ContainerPaths& paths) {
  try {
    return bundle::read_status(util::read_file(paths.status(), status_limit));
  } catch (const util::SysError& error) {
    if (error.errno_value() == ENOENT || error.errno_value() == ENOTDIR) return std::nullopt;
    throw;
  }
}

}  // namespace

const char* to_text(ContainerState state) noexcept {
  switch (state) {
    case ContainerState::created: return "created";
    case ContainerState::running: return "running";
    case ContainerState::restarting: return "restarting";
    case ContainerState::exited: return "exited";
    case ContainerState::lost: return "lost";
  }
  return "";
}

ObservedState look_at_container(const ContainerPaths& paths) {
  // A monitor that ends writes its last status just before, so a dead one is asked twice.
  for (int attempt = 0;; ++attempt) {
    const auto status = read_status_file(paths);
    if (!status) return {};
    if (status->state == "exited") return {ContainerState::exited, *status};
    if (open_monitor(*status))
      return {status->state == "restarting" ? ContainerState::restarting : ContainerState::running, *status};
    if (attempt > 0) return {ContainerState::lost, *status};
  }
}

ObservedState settle_container(const ContainerHome& home, const std::string& name) {
  const ContainerPaths paths = home.paths(name);
  ObservedState observed = look_at_container(paths);
  if (observed.state != ContainerState::lost) return observed;
  std::vector<std::string> words = supervise_words(home, name, home.summary(name));
  words.insert(words.begin() + 1, "--adopt");
  util::during(fmt::format("taking up container '{}', whose monitor was killed", name),
               [&] { run_engine_checked(home, words); });
  return look_at_container(paths);
}

bundle::Status own_status() {
  bundle::Status status;
  status.state = "running";
  status.monitor_pid = ::getpid();
  status.monitor_start_time = start_time_of(status.monitor_pid).value_or(0);
  return status;
}

util::Fd open_monitor(const bundle::Status& status) {
  if (status.monitor_pid <= 0) return {};
  util::Fd monitor(static_cast<int>(::syscall(SYS_pidfd_open, status.monitor_pid, 0)));
  // Checked after it was opened: the number may have passed to another process.
  if (!monitor || start_time_of(status.monitor_pid) != status.monitor_start_time) return {};
  return monitor;
}

std::vector<std::string> supervise_words(const ContainerHome& home, const std::string& name,
                                         const bundle::Summary& summary) {
  const ContainerPaths paths = home.paths(name);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(summary.stop_timeout).count();
  return {"supervise",
          "--bundle",
          paths.bundle,
          "--directory",
          paths.run,
          "--restart",
          std::string(model::to_text(summary.restart_policy)),
          "--stop-timeout",
          std::to_string(seconds),
          name};
}

}  // namespace vmtool::ops
