#include "isolation/container.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "isolation/container_cgroup.hpp"
#include "isolation/fuse_overlay.hpp"
#include "isolation/idmap.hpp"
#include "isolation/launch_context.hpp"
#include "isolation/message.hpp"
#include "isolation/network.hpp"
#include "isolation/oom_record.hpp"
#include "isolation/prepare.hpp"
#include "isolation/timestamp.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

bool is_host_root() { return ::geteuid() == 0; }

std::vector<std::pair<std::string, std::string>> hierarchies_of(const CgroupLayout& layout) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [controller, mount] : layout.v1) out.emplace_back(controller, controller);
  if (!out.empty() && !layout.unified.empty()) out.emplace_back("unified", "cgroup2");
  return out;
}

/// Reads the child's answer on the start fifo: go and then the end of file, or a failure.
void hear_start(int fifo, pid_t pid) {
  char buffer[sizeof(std::uint32_t) + sizeof(Failure)];
  std::size_t have = 0;
  for (;;) {
    pollfd wait{fifo, POLLIN, 0};
    const int ready = ::poll(&wait, 1, 200);
    if (ready < 0 && errno != EINTR) throw SysError(errno, "can't wait for the container");
    // Before the child opens its end there is no end of file to hear; whether it lives is asked for instead.
    if (ready <= 0) {
      if (!process_start_time(pid)) break;
      continue;
    }
    const ssize_t got = ::read(fifo, buffer + have, sizeof buffer - have);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
    if (have == sizeof buffer) break;
  }
  if (have == 0) throw Error(Errc::conflict, "the container ended before it was started");
  if (have < sizeof(std::uint32_t) + 2 * sizeof(std::uint32_t)) return;
  Failure failure;
  std::memcpy(&failure, buffer + sizeof(std::uint32_t), std::min(have - sizeof(std::uint32_t), sizeof failure));
  failure.detail[sizeof failure.detail - 1] = '\0';
  throw CommandError(failure.error, failure.detail[0] != '\0' ? fmt::format("exec: {}", failure.detail)
                                                              : "exec: the container's program");
}

}  // namespace

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw SysError(errno, "can't wait for the container's process");
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Container Container::create(const Engine& engine, const Spec& spec, const CreateOptions& options) {
  check_spec(spec);
  check_resources(spec.resources);
  require_apparmor(spec.process);
  if (!is_host_root() && spec.find_namespace(NamespaceKind::user) == nullptr) {
    throw Error(Errc::denied, "without root a container needs a user namespace")
        .hint("make the bundle with 'isolate spec --rootless'");
  }
  Container self(engine, StateDirectory::create(engine.state_root, spec.id));
  try {
    self.launch_first(spec, options);
  } catch (...) {
    self.discard();
    throw;
  }
  self.files_.unlock();
  return self;
}

void Container::launch_first(const Spec& spec, const CreateOptions& options) {
  const bool has_cgroups = engine_.cgroups != CgroupManager::none;
  if (!has_cgroups) require_no_limits(spec.resources);
  const CgroupLayout layout = has_cgroups ? find_cgroup_layout(engine_.cgroup_base) : CgroupLayout{};
  std::optional<ContainerScope> scope;
  if (engine_.cgroups == CgroupManager::systemd) scope.emplace(spec, layout);
  state_.id = spec.id;
  state_.bundle = spec.bundle;
  state_.created = timestamp();
  state_.owner = ::geteuid();
  if (!scope) state_.cgroup_path = cgroup_path(spec.cgroups_path, spec.id);
  files_.append("bundle", state_.bundle);
  files_.append("created", state_.created);
  files_.append("owner", std::to_string(state_.owner));
  files_.append("cgroup-path", state_.cgroup_path);
  if (!options.document.empty()) files_.write_document(options.document);

  PlanContext context = launch_context(spec, spec.process, engine_.state_root);
  context.late_cgroup = scope.has_value();
  context.deferred_start = options.start == CreateOptions::Start::deferred;
  const Fd fifo = context.deferred_start ? files_.make_start_fifo() : Fd();
  context.start_fifo = fifo.get();
  context.outlives_launcher = options.outlives_launcher;
  context.pivot = options.pivot;
  context.classic_mounts = options.classic_mounts;
  context.preserved_descriptors = options.preserved_descriptors;
  context.cgroup_hierarchies = hierarchies_of(layout);
  context.state = options.state_text;
  Plan plan = plan_container(spec, context);
  const std::vector<Fd> trees = prepare_trees(spec, plan, context);

  if (has_cgroups && !scope) cgroup_ = make_cgroup(spec, layout, state_.cgroup_path, files_);
  const std::vector<Fd> tasks = cgroup_.open_tasks();
  const Fd unified = cgroup_.open_unified();
  for (std::size_t index = 0; index < spec.interfaces.size(); ++index)
    files_.append("interface", host_end_name(spec, index));

  Launch request{plan};
  request.cgroup_tasks = descriptors(tasks);
  request.cgroup = unified.get();
  request.trees = descriptors(trees);
  request.own = {files_.descriptor(), scope ? scope->descriptor() : -1};
  request.waits_for_start = scope || spec.makes(NamespaceKind::user);
  request.on_console = options.on_console;
  if (spec.root.overlay) request.on_overlay = [&](Fd fuse, pid_t pid) { serve_overlay(*spec.root.overlay, fuse, pid); };
  request.on_start = [&](pid_t pid) {
    state_.pid = pid;
    state_.start_time = process_start_time(pid).value_or(0);
    files_.append("start-time", std::to_string(state_.start_time));
    files_.append("pid", std::to_string(pid));
    if (scope) cgroup_ = scope->make(pid, files_, state_);
    if (spec.makes(NamespaceKind::user)) write_id_maps(pid, spec.uid_map, spec.gid_map);
  };
  request.on_namespaces = [&](pid_t pid) {
    connect_interfaces(spec, pid);
    if (!spec.hooks.prestart.empty()) run_hooks(spec.hooks.prestart, "prestart", options.state_text(pid, "creating"));
    if (!spec.hooks.create_runtime.empty())
      run_hooks(spec.hooks.create_runtime, "createRuntime", options.state_text(pid, "creating"));
  };
  Launched launched = launch(request);
  process_ = std::move(launched.process);
}

void Container::discard() noexcept {
  // The failure that brought us here is the one to tell; what can't be removed is found by `delete --force`.
  try {
    cgroup_.kill(SIGKILL);
    cgroup_.remove();
    if (!state_.unit.empty()) release_scope(state_.unit);
    for (const std::string& name : state_.interfaces) remove_interface(name);
    files_.remove();
  } catch (const Error&) {
    files_.unlock();
  }
}

Container Container::open(const Engine& engine, const std::string& id, StateDirectory::Lock lock) {
  Container self(engine, StateDirectory::open(engine.state_root, id, lock));
  self.state_ = self.files_.read();
  self.cgroup_ = Cgroup(self.state_.cgroups);
  return self;
}

Status Container::status() const {
  if (state_.pid == 0) return Status::creating;
  const auto started = process_start_time(state_.pid);
  if (!started || *started != state_.start_time) return Status::stopped;
  if (files_.has_start_fifo()) return Status::created;
  return cgroup_.is_frozen() ? Status::paused : Status::running;
}

void Container::start() {
  if (const Status now = status(); now != Status::created) {
    throw Error(Errc::conflict, fmt::format("container '{}' is {}, not created", state_.id, to_text(now)));
  }
  const Fd fifo = files_.open_start_fifo();
  if (!fifo) throw SysError(errno, "can't open the start fifo");
  hear_start(fifo.get(), state_.pid);
  files_.remove_start_fifo();
}

Ending Container::wait() {
  Ending ending;
  ending.exit_code = wait_for(state_.pid);
  ending.out_of_memory = ending.exit_code != 0 && ran_out_of_memory();
  return ending;
}

bool Container::ran_out_of_memory() const {
  if (const auto kills = cgroup_.oom_kills()) return *kills > 0;
  // systemd removes a scope, and the count with it, when its last process ends.
  return !state_.unit.empty() &&
         (kernel_logged_oom_kill(state_.cgroup_path, state_.start_time) || scope_ran_out_of_memory(state_.unit));
}

void Container::kill(int signal, Whom whom) {
  if (const Status now = status(); now == Status::stopped || now == Status::creating) {
    if (whom == Whom::all && !cgroup_.processes().empty()) return cgroup_.kill(signal);
    throw Error(Errc::conflict, fmt::format("container '{}' is not running", state_.id));
  }
  if (whom == Whom::all && !cgroup_.directories().empty()) return cgroup_.kill(signal);
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, state_.pid, 0)));
  // The pid may have been reused between looking and opening: looked at again once it can't any more.
  if (!process || process_start_time(state_.pid) != state_.start_time)
    throw Error(Errc::conflict, fmt::format("container '{}' is not running", state_.id));
  if (::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) != 0)
    throw SysError(errno, fmt::format("can't signal container '{}'", state_.id));
}

void Container::pause() {
  if (const Status now = status(); now != Status::running && now != Status::created) {
    throw Error(Errc::conflict, fmt::format("container '{}' is {}, not running", state_.id, to_text(now)));
  }
  const std::size_t before = cgroup_.directories().size();
  cgroup_.set_frozen(Cgroup::Freeze::on, find_cgroup_layout(engine_.cgroup_base), state_.cgroup_path);
  for (std::size_t index = before; index < cgroup_.directories().size(); ++index) {
    const CgroupDirectory& item = cgroup_.directories()[index];
    files_.append("cgroup", fmt::format("{} {} {}", item.controller, item.mount, item.path));
  }
}

void Container::resume() {
  if (status() != Status::paused) throw Error(Errc::conflict, fmt::format("container '{}' is not paused", state_.id));
  cgroup_.set_frozen(Cgroup::Freeze::off, find_cgroup_layout(engine_.cgroup_base), state_.cgroup_path);
}

void Container::update(const Resources& resources) {
  const CgroupPlan plan = plan_cgroup(find_cgroup_layout(engine_.cgroup_base), state_.cgroup_path, resources);
  if (!state_.unit.empty()) SystemdManager::connect().set_properties(state_.unit, unit_limits(resources));
  cgroup_.apply(plan.directories);
}

void Container::remove(Force force) {
  const Status now = status();
  const bool alive = now == Status::running || now == Status::created || now == Status::paused;
  if (force == Force::no && now != Status::stopped) {
    throw Error(Errc::conflict, fmt::format("container '{}' is {}", state_.id, to_text(now)))
        .hint("stop it first, or use --force");
  }
  if (alive) {
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, state_.pid, 0)));
    if (process && process_start_time(state_.pid) == state_.start_time)
      ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
    if (now == Status::paused)
      cgroup_.set_frozen(Cgroup::Freeze::off, find_cgroup_layout(engine_.cgroup_base), state_.cgroup_path);
    pollfd ended{process.get(), POLLIN, 0};
    if (process) ::poll(&ended, 1, 10'000);
  }
  cgroup_.kill(SIGKILL);
  cgroup_.remove();
  if (!state_.unit.empty()) release_scope(state_.unit);
  for (const std::string& name : state_.interfaces) remove_interface(name);
  files_.remove();
}

Launched Container::exec(const Spec& spec, const Process& process, const ExecOptions& options) {
  if (const Status now = status(); now != Status::running && now != Status::created) {
    throw Error(Errc::conflict, fmt::format("container '{}' is {}", state_.id, to_text(now)));
  }
  require_apparmor(process);
  const Fd target(static_cast<int>(::syscall(SYS_pidfd_open, state_.pid, 0)));
  if (!target || process_start_time(state_.pid) != state_.start_time)
    throw Error(Errc::conflict, fmt::format("container '{}' is not running", state_.id));
  PlanContext context = launch_context(spec, process, engine_.state_root);
  context.outlives_launcher = options.outlives_launcher;
  context.preserved_descriptors = options.preserved_descriptors;
  Plan plan = plan_exec(spec, process, context);
  const std::uint64_t differing = differing_namespaces(state_.pid);
  std::uint64_t own = differing & CLONE_NEWPID;
  // Only root of the host may join a pid namespace from outside of the user namespace that owns it.
  if (!context.privileged) own |= differing & CLONE_NEWUSER;
  for (Step& step : plan.steps) {
    if (auto* const join = std::get_if<JoinContainer>(&step.action)) join->flags = differing & ~own;
  }
  const std::vector<Fd> tasks = cgroup_.open_tasks();
  const Fd unified = cgroup_.open_unified();
  Launch request{plan};
  request.cgroup_tasks = descriptors(tasks);
  request.cgroup = unified.get();
  request.container = target.get();
  request.container_flags = own;
  request.on_console = options.on_console;
  return launch(request);
}

}  // namespace vmtool::isolation
