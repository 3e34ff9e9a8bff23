#include "isolation/fuse_overlay.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "isolation/console.hpp"
#include "isolation/message.hpp"
#include "isolation/mount.hpp"
#include "isolation/namespaces.hpp"
#include "isolation/system.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;
using util::Fd;

std::string plain_path(const std::string& path) {
  if (path.find_first_of(":,\\") == std::string::npos) return path;
  throw Error(
      Errc::invalid_input,
      fmt::format("fuse-overlayfs can't take the layer '{}': its path has ':', ',' or '\\'", util::printable(path)));
}

std::string mount_words(const Overlay& overlay) {
  std::string out = "lowerdir=";
  for (const std::string& layer : overlay.lower) out += plain_path(layer) + ":";
  out.pop_back();
  if (!overlay.upper.empty())
    out += fmt::format(",upperdir={},workdir={}", plain_path(overlay.upper), plain_path(overlay.work));
  return out;
}

/// The server: root of the user namespace, in a session of its own, with nothing open but the mount. The launcher's terminal
/// and streams are not its: it may outlive the launcher.
[[noreturn]] void become_server(const char* words, int fuse, int users, int report) noexcept {
  char place[32];
  std::snprintf(place, sizeof place, "/dev/fd/%d", fuse);
  const int nothing = ::open("/dev/null", O_RDWR);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool ready = ::setsid() >= 0 && nothing >= 0 && ::dup2(nothing, 0) >= 0 && ::dup2(nothing, 1) >= 0 &&
                     ::dup2(nothing, 2) >= 0 && sys::close_on_exec_from(3) == 0 && ::fcntl(fuse, F_SETFD, 0) == 0 &&
                     ::setns(users, CLONE_NEWUSER) == 0 && sys::set_group(0) == 0 && sys::set_user(0) == 0;
  if (ready) ::execlp("fuse-overlayfs", "fuse-overlayfs", "-f", "-o", words, place, nullptr);
  const int error = errno;
  static_cast<void>(::write(report, &error, sizeof error) == sizeof error);
  ::_exit(127);
}

}  // namespace

Outcome make_fuse_tree(Child& child, int* mount) noexcept {
  const Fd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!device) return Outcome::last_error("the kernel refuses the overlay, and '/dev/fuse' can't be opened");
  const char* detail = nullptr;
  const Fd tree(make_filesystem("fuse", "fuse-overlayfs",
                                {{"fd", std::to_string(device.get())},
                                 {"rootmode", "40000"},
                                 {"user_id", "0"},
                                 {"group_id", "0"},
                                 {"allow_other", ""},
                                 {"default_permissions", ""}},
                                false, 0, &detail));
  if (!tree) return Outcome::last_error("the kernel refuses the overlay, and a FUSE mount too");
  const Message message = Message::overlay;
  if (!send_descriptor(child.sync, device.get(), &message, sizeof message))
    return Outcome::last_error("sending the FUSE device");
  if (auto done = wait_for_go(child); !done) return done;
  *mount = ::fcntl(tree.get(), F_DUPFD_CLOEXEC, 3);
  return *mount >= 0 ? Outcome{} : Outcome::last_error();
}

void serve_overlay(const Overlay& overlay, const Fd& fuse, pid_t pid) {
  const std::string words = mount_words(overlay);
  const Fd users = util::open_file(fmt::format("/proc/{}/ns/user", pid), O_RDONLY);
  int pair[2];
  if (::pipe2(pair, O_CLOEXEC) != 0) throw util::SysError(errno, "can't make a pipe");
  const Fd hear(pair[0]);
  Fd report(pair[1]);
  const pid_t server = ::fork();
  if (server < 0) throw util::SysError(errno, "can't start fuse-overlayfs");
  if (server == 0) become_server(words.c_str(), fuse.get(), users.get(), report.get());
  report.reset();
  int error = 0;
  ssize_t got = -1;
  do {
    got = ::read(hear.get(), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof error) return;
  ::waitpid(server, nullptr, 0);
  if (error != ENOENT) throw util::SysError(error, "can't start fuse-overlayfs");
  throw Error(Errc::unavailable, "the kernel refuses the overlay, and fuse-overlayfs is not installed")
      .hint("install fuse-overlayfs");
}

}  // namespace vmtool::isolation
