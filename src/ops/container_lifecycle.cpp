#include "ops/container_lifecycle.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "ops/container_identity.hpp"
#include "ops/engine.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"
#include "util/undo.hpp"

namespace vmtool::ops {
namespace {

using std::chrono::milliseconds;
using util::Errc;
using util::Error;

// After SIGKILL the kernel needs a moment, and the monitor one to clean up.
constexpr milliseconds patience_after_kill{10'000};
// The monitor itself kills after the container's own time-out; ours is later.
constexpr milliseconds patience_beyond{5'000};

// Whether the monitor ended within the time; for ever without one.
bool wait_for_monitor(const util::Fd& monitor, std::optional<milliseconds> time) {
  if (!monitor) return true;
  const auto end = std::chrono::steady_clock::now() + time.value_or(milliseconds{0});
  for (;;) {
    pollfd watched{monitor.get(), POLLIN, 0};
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    const int wait = !time ? -1 : static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    const int ready = ::poll(&watched, 1, wait);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw util::SysError(errno, "waiting for a container's monitor");
    if (time && std::chrono::steady_clock::now() >= end) return false;
  }
}

void ask_monitor(const util::Fd& monitor) {
  if (!monitor) return;
  if (::syscall(SYS_pidfd_send_signal, monitor.get(), SIGTERM, nullptr, 0) != 0 && errno != ESRCH)
    throw util::SysError(errno, "telling a container's monitor to stop");
}

void kill_by_engine(const ContainerHome& home, const std::string& name) { run_engine(home, {"kill", name, "KILL"}); }

void require_running(const ContainerHome& home, const std::string& name) {
  if (is_up(settle_container(home, name).state)) return;
  throw Error(Errc::conflict, fmt::format("container '{}' does not run", name))
      .hint(fmt::format("vmtool start {}", name));
}

}  // namespace

Outcome start_container(const ContainerHome& home, const std::string& name, ContainerWiring& wiring) {
  const util::Fd held = home.lock(name);
  const ObservedState observed = settle_container(home, name);
  if (is_up(observed.state)) return Outcome::already;
  return util::during(fmt::format("starting container '{}'", name), [&] {
    const bundle::Summary summary = home.summary(name);
    const ContainerPaths paths = home.paths(name);
    prepare_identity(paths, summary);
    std::filesystem::create_directories(paths.run);
    // Of an engine that was killed together with its monitor, before a reboot it could not tell of.
    if (observed.state != ContainerState::created) run_engine(home, {"delete", "--force", name});
    wiring.plug(home.definition(name));
    util::Undo undo(nullptr);
    undo.add("unplug it", [&] { wiring.unplug(name); });
    run_engine_checked(home, supervise_words(home, name, summary));
    undo.commit();
    return Outcome::done;
  });
}

Outcome stop_container(const ContainerHome& home, const std::string& name, const StopOptions& options,
                       ContainerWiring& wiring, util::Reporter& reporter) {
  const util::Fd held = home.lock(name);
  const ObservedState observed = settle_container(home, name);
  if (!is_up(observed.state)) {
    wiring.unplug(name);
    return Outcome::already;
  }
  util::during(fmt::format("stopping container '{}'", name), [&] {
    const util::Fd monitor = open_monitor(observed.status);
    ask_monitor(monitor);
    const auto own = home.summary(name).stop_timeout + patience_beyond;
    const milliseconds time = options.force ? milliseconds{0} : options.timeout.value_or(own);
    if (wait_for_monitor(monitor, time)) return;
    if (!options.force)
      reporter.warn(fmt::format("container '{}' did not end within {}: killing it", name, util::to_text(time)));
    kill_by_engine(home, name);
    if (!wait_for_monitor(monitor, patience_after_kill))
      throw Error(Errc::io, fmt::format("container '{}' does not end", name))
          .hint("a process of it waits for the kernel");
  });
  wiring.unplug(name);
  return Outcome::done;
}

void restart_container(const ContainerHome& home, const std::string& name, const StopOptions& options,
                       ContainerWiring& wiring, util::Reporter& reporter) {
  stop_container(home, name, options, wiring, reporter);
  start_container(home, name, wiring);
}

void kill_container(const ContainerHome& home, const std::string& name) {
  const ObservedState observed = look_at_container(home.paths(name));
  if (observed.state == ContainerState::created) return;
  const util::Fd monitor = open_monitor(observed.status);
  ask_monitor(monitor);
  if (monitor) kill_by_engine(home, name);
  if (!wait_for_monitor(monitor, patience_after_kill))
    throw Error(Errc::io, fmt::format("container '{}' does not end", name))
        .hint("a process of it waits for the kernel");
  // A monitor does this itself; one that was killed could not.
  if (observed.state == ContainerState::lost) run_engine(home, {"delete", "--force", name});
}

bundle::Status wait_for_end(const ContainerHome& home, const std::string& name, std::optional<milliseconds> timeout) {
  const ObservedState observed = settle_container(home, name);
  if (observed.state == ContainerState::created) {
    throw Error(Errc::conflict, fmt::format("container '{}' was not started", name))
        .hint(fmt::format("vmtool start {}", name));
  }
  // Its last output is in the log only when the monitor has ended too.
  if (!wait_for_monitor(open_monitor(observed.status), timeout)) {
    throw Error(Errc::unavailable, fmt::format("container '{}' still runs after {}", name, util::to_text(*timeout)))
        .hint(fmt::format("vmtool stop {}", name));
  }
  return look_at_container(home.paths(name)).status;
}

Outcome suspend_container(const ContainerHome& home, const std::string& name) {
  require_running(home, name);
  run_engine_checked(home, {"pause", name});
  return Outcome::done;
}

Outcome resume_container(const ContainerHome& home, const std::string& name) {
  require_running(home, name);
  run_engine_checked(home, {"resume", name});
  return Outcome::done;
}

}  // namespace vmtool::ops
