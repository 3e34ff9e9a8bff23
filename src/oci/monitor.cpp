#include "oci/monitor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "isolation/system.hpp"
#include "isolation/timestamp.hpp"
#include "oci/config.hpp"
#include "oci/document.hpp"
#include "oci/keeper.hpp"
#include "oci/restart_policy.hpp"
#include "oci/run_directory.hpp"
#include "oci/signal_name.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"

namespace vmtool::oci {
namespace {

using isolation::Container;
using isolation::Status;
using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

std::int64_t monotonic_ms() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// A stop must find the keeper, whenever it comes: it stays pending until then, also through execve.
void hold_signals_back() {
  sigset_t all;
  sigfillset(&all);
  if (::sigprocmask(SIG_BLOCK, &all, nullptr) != 0) throw SysError(errno, "can't hold signals back");
}

int stop_signal_of(const isolation::Spec& spec) {
  const auto found = spec.annotations.find(annotation_stop_signal);
  if (found == spec.annotations.end()) return SIGTERM;
  const auto number = find_signal(found->second);
  if (!number || *number == 0)
    throw Error(Errc::invalid_input,
                fmt::format("annotations.{}: there is no signal '{}'", annotation_stop_signal, found->second));
  return *number;
}

/// The host's id of the user that the container's program runs as.
uid_t host_user(const isolation::Spec& spec) noexcept {
  for (const isolation::IdMap& map : spec.uid_map) {
    if (spec.process.user.uid >= map.container && spec.process.user.uid - map.container < map.size)
      return map.host + (spec.process.user.uid - map.container);
  }
  return spec.process.user.uid;
}

/// Standard streams replaced for as long as it lives.
class Streams {
 public:
  Streams(int output, int error) {
    for (int stream = 0; stream < 3; ++stream) before_[stream].reset(::fcntl(stream, F_DUPFD_CLOEXEC, 3));
    const Fd nothing = util::open_file("/dev/null", O_RDWR);
    put(nothing.get(), output >= 0 ? output : nothing.get(), error >= 0 ? error : nothing.get());
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  ~Streams() { put(before_[0].get(), before_[1].get(), before_[2].get()); }

 private:
  static void put(int input, int output, int error) noexcept {
    int target = 0;
    for (const int source : {input, output, error}) {
      if (source >= 0) ::dup2(source, target);
      ++target;
    }
  }
  Fd before_[3];
};

class Monitor {
 public:
  Monitor(const Globals& globals, const SuperviseOptions& options, RunDirectory directory)
      : globals_(globals), options_(options), engine_(globals.engine()), directory_(std::move(directory)) {}

  RunDirectory& directory() noexcept { return directory_; }

  /// Makes the container; `report` hears when its program runs. Returns only by throwing: nothing of it is left then.
  [[noreturn]] void launch(MonitorStatus status, int report) {
    const Bundle bundle = read_bundle(options_.bundle, "", options_.id);
    KeeperSetup setup;
    setup.stop_signal = stop_signal_of(bundle.spec);
    isolation::CreateOptions what = create_options(bundle);
    what.outlives_launcher = true;
    Fd terminal;
    if (bundle.spec.process.terminal) what.on_console = [&](Fd opened) { terminal = std::move(opened); };
    Pipes pipes;
    Container container = create(bundle.spec, what, pipes);
    try {
      run_poststart(container, bundle.spec);
      if (terminal && ::fcntl(terminal.get(), F_SETFL, O_NONBLOCK) != 0)
        throw SysError(errno, "can't set the terminal's mode");
      const Fd output = terminal ? std::move(terminal) : directory_.open_reader("stdout");
      const Fd error = bundle.spec.process.terminal ? Fd() : directory_.open_reader("stderr");
      status.state = "running";
      status.pid = container.state().pid;
      status.started_at = container.state().created;
      status.finished_at.clear();
      status.exit_code.reset();
      status.signal = 0;
      status.out_of_memory = false;
      directory_.write_status(status);
      if (report >= 0) util::write_all(report, "+");
      setup.process = container.process();
      setup.output = output.get();
      setup.error = error.get();
      keep(setup);
    } catch (...) {
      remove_container(container, Container::Force::yes);
      throw;
    }
  }

  /// Takes up a container that lost its monitor, or what is left of it. Returns where it does not run any more.
  void adopt(int report) {
    MonitorStatus status = directory_.read_status().value_or(MonitorStatus{});
    try {
      Container container = Container::open(engine_, options_.id, isolation::StateDirectory::Lock::alone);
      const Status now = container.status();
      if (now == Status::running || now == Status::paused) {
        KeeperSetup setup;
        setup.stop_signal = stop_signal_of(spec_of(container));
        const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, container.state().pid, 0)));
        const Fd output = directory_.open_reader("stdout");
        const Fd error = directory_.open_reader("stderr");
        status.state = "running";
        status.pid = container.state().pid;
        if (status.started_at.empty()) status.started_at = container.state().created;
        directory_.write_status(status);
        util::write_all(report, "+");
        setup.process = process.get();
        setup.output = output.get();
        setup.error = error.get();
        if (process) keep(setup);
      }
      remove_container(container, Container::Force::yes);
    } catch (const Error& error) {
      if (error.kind() != Errc::not_found) throw;
    }
    if (status.state == "running") status.exit_code.reset();
    finish(status);
  }

  /// What comes after the keeper. Returns at the end of the container.
  void go_on(const KeeperReport& report) {
    MonitorStatus status = directory_.read_status().value_or(MonitorStatus{});
    if (report.kind == KeeperReport::Kind::paused) {
      if (report.stopped) return finish(status);
      return launch_again(status);
    }
    take_leave(report, status);
    const RestartPolicy policy = find_restart_policy(options_.restart).value_or(RestartPolicy::no);
    if (report.stopped || !restarts_after(policy, status.exit_code)) return finish(status);
    const bool lasted = monotonic_ms() - options_.started_ms >= lasting_run_ms;
    pause(status, lasted ? 0 : options_.failures);
  }

  void finish(MonitorStatus& status) {
    status.state = "exited";
    status.pid = 0;
    if (status.finished_at.empty()) status.finished_at = isolation::timestamp();
    directory_.write_status(status);
    directory_.clean();
  }

 private:
  // Both ends of what the container writes to. They are held until there is a reader: a pipe that nobody has open forgets what a quick program
  // wrote and left.
  struct Pipes {
    Fd output;
    Fd error;
  };

  Container create(const isolation::Spec& spec, const isolation::CreateOptions& what, Pipes& pipes) {
    if (!spec.process.terminal) {
      directory_.make_streams(host_user(spec));
      pipes.output = directory_.open_both("stdout");
      pipes.error = directory_.open_both("stderr");
    }
    const Streams streams(pipes.output.get(), pipes.error.get());
    return Container::create(engine_, spec, what);
  }

  /// Removes the ended container and notes how it ended.
  void take_leave(const KeeperReport& report, MonitorStatus& status) {
    using Kind = KeeperReport::Kind;
    status.pid = 0;
    status.finished_at = isolation::timestamp();
    if (report.kind == Kind::exited) status.exit_code = report.number;
    if (report.kind == Kind::signalled) status.signal = report.number;
    if (report.kind == Kind::stuck) status.signal = SIGKILL;
    if (status.signal != 0) status.exit_code = 128 + status.signal;
    try {
      Container container = Container::open(engine_, options_.id, isolation::StateDirectory::Lock::alone);
      status.out_of_memory = status.exit_code != 0 && container.ran_out_of_memory();
      remove_container(container, Container::Force::yes);
    } catch (const Error& error) {
      // Somebody may have deleted it by hand. What can't be removed must not keep the status from being written.
      if (error.kind() != Errc::not_found) directory_.note(error);
    }
  }

  void launch_again(MonitorStatus& status) {
    try {
      ++status.restarts;
      options_.started_ms = monotonic_ms();
      launch(status, -1);
    } catch (const Error& error) {
      directory_.note(error);
      const auto* const command = dynamic_cast<const isolation::CommandError*>(&error);
      status.exit_code = command != nullptr ? command->shell_code() : 125;
      status.finished_at = isolation::timestamp();
      pause(status, options_.failures);
    }
  }

  [[noreturn]] void pause(MonitorStatus& status, unsigned failures) {
    status.state = "restarting";
    directory_.write_status(status);
    KeeperSetup setup;
    setup.pause_ms = restart_pause_ms(failures);
    options_.failures = failures + 1;
    keep(setup);
  }

  [[noreturn]] void keep(KeeperSetup& setup) {
    setup.directory = directory_.descriptor();
    setup.listener = directory_.listener();
    setup.lock = directory_.lock();
    setup.log_size = options_.log_size;
    setup.log_files = options_.log_files;
    setup.stop_timeout_ms = std::int64_t{options_.stop_timeout} * 1000;
    setup.next = {"isolate",
                  "--root",
                  engine_.state_root,
                  "--cgroup-manager",
                  globals_.cgroup_manager_name(),
                  "supervise",
                  "--bundle",
                  options_.bundle,
                  "--directory",
                  options_.directory,
                  "--log-size",
                  std::to_string(options_.log_size),
                  "--log-files",
                  std::to_string(options_.log_files),
                  "--restart",
                  options_.restart,
                  "--stop-timeout",
                  std::to_string(options_.stop_timeout),
                  "--lock",
                  std::to_string(directory_.lock()),
                  "--listener",
                  std::to_string(directory_.listener()),
                  "--failures",
                  std::to_string(options_.failures),
                  "--started",
                  std::to_string(options_.started_ms),
                  options_.id,
                  "--after",
                  ""};
    setup.place = setup.next.size() - 1;
    const Streams nothing(-1, -1);
    become_keeper(setup);
  }

  const Globals& globals_;
  SuperviseOptions options_;
  isolation::Engine engine_;
  RunDirectory directory_;
};

/// The monitor's own process, from its birth to the keeper.
int be_monitor(const Globals& globals, const SuperviseOptions& options, int report) {
  hold_signals_back();
  // What the caller left open is not to stay open for the life of a container: somebody may wait for its end of file.
  if (isolation::sys::close_on_exec_from(3) != 0) throw SysError(errno, "can't mark descriptors");
  if (::setsid() < 0 || ::chdir("/") != 0) throw SysError(errno, "can't become a daemon");
  Monitor monitor(globals, options, RunDirectory::take(options.directory));
  try {
    monitor.directory().listen();
    if (!options.adopt) monitor.launch({}, report);
    monitor.adopt(report);
  } catch (...) {
    if (!options.adopt) monitor.directory().discard();
    throw;
  }
  util::write_all(report, "+");
  return 0;
}

std::string absolute_path(const std::string& path) {
  const util::Handle<char, ::free> here{::getcwd(nullptr, 0)};
  if (!here) throw SysError(errno, "can't find the current directory");
  return path.starts_with('/') ? path : std::string(here.get()) + "/" + path;
}

}  // namespace

int begin_supervision(const Globals& globals, SuperviseOptions options) {
  isolation::check_id(options.id);
  options.bundle = absolute_path(options.bundle);
  options.directory = absolute_path(options.directory);
  options.started_ms = monotonic_ms();
  Globals absolute = globals;
  absolute.root = absolute_path(globals.engine().state_root);
  int pair[2];
  if (::pipe2(pair, O_CLOEXEC) != 0) throw SysError(errno, "can't make a pipe");
  const Fd hear(pair[0]);
  Fd report(pair[1]);
  const pid_t monitor = ::fork();
  if (monitor < 0) throw SysError(errno, "can't make the monitor");
  if (monitor == 0) return be_monitor(absolute, options, report.get());
  report.reset();
  char runs = 0;
  ssize_t got = -1;
  do {
    got = ::read(hear.get(), &runs, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) return 0;
  const int code = isolation::wait_for(monitor);
  if (code > 128)
    throw Error(Errc::internal, "the monitor died while it made the container")
        .hint("remove what is left with 'isolate supervise --adopt'");
  return code;
}

int continue_supervision(const Globals& globals, const SuperviseOptions& options) {
  hold_signals_back();
  Monitor monitor(globals, options, RunDirectory::go_on(options.directory, options.lock, options.listener));
  try {
    monitor.go_on(read_keeper_report(options.after));
  } catch (const Error& error) {
    monitor.directory().note(error);
    throw;
  }
  return 0;
}

}  // namespace vmtool::oci
