#include "isolation/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "isolation/child_main.hpp"
#include "isolation/message.hpp"
#include "isolation/ready_filter.hpp"
#include "isolation/sealed_program.hpp"
#include "isolation/system.hpp"
#include "util/file.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

void require_single_thread() {
  struct stat about {};
  // Every thread is a directory there; a directory has two links and one for each below it.
  if (::stat("/proc/self/task", &about) == 0 && about.st_nlink > 3) {
    throw Error(Errc::internal, "a container can be launched by a process with a single thread only");
  }
}

/// Namespaces that this process joins itself, so that the child is born in them: the pid namespace always, the others
/// where the child will be in a new user namespace and could not join them. Its own ones are restored at the end.
class BirthPlace {
 public:
  explicit BirthPlace(const Plan& plan, std::vector<int>& handed_on) {
    const bool new_user = (plan.clone_flags & CLONE_NEWUSER) != 0;
    for (const Namespace& item : plan.joined) {
      Fd target = util::open_file(item.path, O_RDONLY);
      const bool here = item.kind == NamespaceKind::pid || (new_user && item.kind != NamespaceKind::mount);
      if (here) {
        Fd own = util::open_file(
            fmt::format("/proc/self/ns/{}",
                        item.kind == NamespaceKind::pid ? "pid_for_children" : namespace_file(item.kind)),
            O_RDONLY);
        const auto flag = static_cast<int>(clone_flag(item.kind));
        if (::setns(target.get(), flag) != 0)
          throw SysError(errno, fmt::format("can't join the {} namespace '{}'", namespace_file(item.kind), item.path));
        restore_.emplace_back(std::move(own), flag);
      }
      handed_on.push_back(target.get());
      targets_.push_back(std::move(target));
    }
  }
  BirthPlace(const BirthPlace&) = delete;
  BirthPlace& operator=(const BirthPlace&) = delete;
  ~BirthPlace() { leave(); }

  void leave() noexcept {
    for (auto& [own, flag] : restore_) static_cast<void>(::setns(own.get(), flag));
    restore_.clear();
  }

 private:
  std::vector<Fd> targets_;
  std::vector<std::pair<Fd, int>> restore_;
};

struct Packet {
  std::size_t size = 0;
  Failure failure{};
  Fd descriptor{};

  bool is(Message message) const noexcept {
    return size == sizeof(std::uint32_t) && failure.step == static_cast<std::uint32_t>(message);
  }
};

Packet receive(int socket) {
  Packet packet;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  iovec data{&packet.failure, sizeof packet.failure};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t got = -1;
  do {
    got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != ECONNRESET) throw SysError(errno, "can't hear from the container's process");
  packet.size = got < 0 ? 0 : static_cast<std::size_t>(got);
  if (const cmsghdr* const rights = CMSG_FIRSTHDR(&header); rights != nullptr && rights->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
    packet.descriptor.reset(descriptor);
  }
  return packet;
}

/// The child's end of the story: kills and reaps it unless the launch succeeds.
class ChildProcess {
 public:
  ChildProcess(pid_t pid, Fd process) : pid_(pid), process_(std::move(process)) {}
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  pid_t pid() const noexcept { return pid_; }
  Launched release() noexcept { return {std::exchange(pid_, -1), std::move(process_)}; }

 private:
  pid_t pid_;
  Fd process_;
};

[[noreturn]] void throw_failure(const Plan& plan, const Packet& packet) {
  const Failure& failure = packet.failure;
  const bool in_gate = failure.step == Failure::in_gate || failure.step >= plan.steps.size();
  const Step& step = in_gate ? plan.steps.back() : plan.steps[failure.step];
  const auto* const execute = std::get_if<Execute>(&step.action);
  const std::string detail = failure.detail;
  if (execute != nullptr) {
    const std::string name = execute->args.front();
    const bool unsearched = failure.error == ENOENT && name.find('/') == std::string::npos;
    throw CommandError(failure.error, unsearched ? fmt::format("exec: '{}': executable file not found in $PATH", name)
                                                 : fmt::format("exec: '{}'", name));
  }
  SysError error(failure.error, detail.empty() ? "the container can't be set up" : detail);
  error.add_step(step.what);
  throw error;
}

void answer(int socket) {
  const char go = 'g';
  // A child that ended already has left its reason, which is heard next.
  if (::send(socket, &go, 1, MSG_NOSIGNAL) != 1 && errno != EPIPE)
    throw SysError(errno, "can't talk to the container's process");
}

/// Listens until the child is where it should be.
void follow(const Launch& launch, int socket, pid_t pid) {
  bool at_gate = false;
  for (;;) {
    Packet packet = receive(socket);
    if (packet.size == 0) {
      if (at_gate) return;
      throw Error(Errc::io, "the container's process died while it was set up")
          .hint("a memory limit that is too small does that, for example");
    }
    if (packet.is(Message::go)) {
      at_gate = true;
    } else if (packet.is(Message::created)) {
      return;
    } else if (packet.is(Message::namespaces)) {
      if (launch.on_namespaces) launch.on_namespaces(pid);
      answer(socket);
    } else if (packet.is(Message::overlay)) {
      if (launch.on_overlay) launch.on_overlay(std::move(packet.descriptor), pid);
      answer(socket);
    } else if (packet.is(Message::console)) {
      if (launch.on_console) launch.on_console(std::move(packet.descriptor));
    } else {
      throw_failure(launch.plan, packet);
    }
  }
}

}  // namespace

Launched launch(const Launch& launch) {
  require_single_thread();
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    throw SysError(errno, "can't make a socket pair");
  const Fd ours(pair[0]);
  Fd theirs(pair[1]);
  const Fd gate = seal_program("isolate-gate", gate_program());

  Child child;
  child.sync = theirs.get();
  child.gate = gate.get();
  child.trees = launch.trees;
  child.cgroups = launch.cgroup_tasks;
  child.container = launch.container;
  BirthPlace birth(launch.plan, child.namespaces);
  if (launch.container >= 0 && launch.container_flags != 0 &&
      ::setns(launch.container, static_cast<int>(launch.container_flags)) != 0) {
    throw SysError(errno, "can't join the container's pid namespace");
  }

  int process = -1;
  using Word = decltype(clone_args::flags);
  clone_args args{};
  args.flags = launch.plan.clone_flags | CLONE_PIDFD | (launch.cgroup >= 0 ? Word{CLONE_INTO_CGROUP} : Word{0});
  args.pidfd = static_cast<Word>(reinterpret_cast<std::uintptr_t>(&process));
  args.exit_signal = SIGCHLD;
  args.cgroup = launch.cgroup >= 0 ? static_cast<Word>(launch.cgroup) : 0;
  const pid_t pid = sys::clone(args);
  if (pid == 0) {
    ::close(ours.get());
    // The launcher's own: the lock of the state ends with it, also where the child waits for `start` long after.
    for (const int own : launch.own) ::close(own);
    ::close(launch.cgroup);
    child_main(launch.plan, child);
  }
  if (pid < 0)
    throw SysError(errno, "can't make the container's process")
        .hint(errno == EINVAL || errno == EPERM ? "the kernel or a filter refuses the namespaces" : "");
  ChildProcess guard(pid, Fd(process));
  birth.leave();
  theirs.reset();
  if (launch.on_start) launch.on_start(pid);
  if (launch.waits_for_start) answer(ours.get());
  follow(launch, ours.get(), pid);
  return guard.release();
}

}  // namespace vmtool::isolation
