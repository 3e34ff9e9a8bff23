#include "oci/run_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include <nlohmann/json.hpp>

#include "isolation/state.hpp"
#include "isolation/timestamp.hpp"
#include "oci/document.hpp"
#include "util/file.hpp"

namespace vmtool::oci {
namespace {

using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

constexpr const char* lock_name = "monitor.lock";
constexpr const char* socket_name = "console.sock";
constexpr const char* status_name = "status.json";

bool is_same_file(int a, int b) noexcept {
  struct stat left {};
  struct stat right {};
  return ::fstat(a, &left) == 0 && ::fstat(b, &right) == 0 && left.st_dev == right.st_dev &&
         left.st_ino == right.st_ino;
}

Fd open_lock(int directory) {
  Fd lock(::openat(directory, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) throw SysError(errno, fmt::format("can't open '{}'", lock_name));
  return lock;
}

}  // namespace

RunDirectory RunDirectory::take(const std::string& path) {
  const bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw SysError(errno, fmt::format("can't make the run directory '{}'", path));
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw SysError(errno, fmt::format("can't open the run directory '{}'", path));
  Fd lock = open_lock(directory.get());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw SysError(errno, fmt::format("can't lock '{}'", path));
    throw Error(Errc::conflict, fmt::format("a monitor lives in '{}' already", path));
  }
  RunDirectory out(path, std::move(directory), std::move(lock));
  out.made_ = made;
  return out;
}

RunDirectory RunDirectory::go_on(const std::string& path, int lock, int listener) {
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw SysError(errno, fmt::format("can't open the run directory '{}'", path));
  if (!is_same_file(open_lock(directory.get()).get(), lock)) throw Error(Errc::usage, "this is for the monitor alone");
  for (const int inherited : {lock, listener}) ::fcntl(inherited, F_SETFD, FD_CLOEXEC);
  RunDirectory out(path, std::move(directory), Fd(lock));
  out.listener_.reset(listener);
  return out;
}

void RunDirectory::listen() {
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) throw SysError(errno, "can't make the console's socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // Through the descriptor, since the path itself may be longer than a socket's address.
  const std::string place = fmt::format("/proc/self/fd/{}/{}", directory_.get(), socket_name);
  std::memcpy(address.sun_path, place.c_str(), place.size());
  ::unlinkat(directory_.get(), socket_name, 0);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::fchmodat(directory_.get(), socket_name, 0600, 0) != 0 || ::listen(socket.get(), 16) != 0) {
    throw SysError(errno, fmt::format("can't listen on '{}/{}'", path_, socket_name));
  }
  listener_ = std::move(socket);
}

void RunDirectory::make_streams(uid_t owner) {
  for (const char* name : {"stdout", "stderr"}) {
    ::unlinkat(directory_.get(), name, 0);
    if (::mkfifoat(directory_.get(), name, 0600) != 0)
      throw SysError(errno, fmt::format("can't make '{}/{}'", path_, name));
    // Where the owner can't be changed, the container's user can still write to what it was given.
    if (owner != ::geteuid())
      static_cast<void>(::fchownat(directory_.get(), name, owner, static_cast<gid_t>(-1), AT_SYMLINK_NOFOLLOW) == 0);
  }
}

Fd RunDirectory::open_reader(const char* stream) const {
  return Fd(::openat(directory_.get(), stream, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
}

Fd RunDirectory::open_both(const char* stream) const {
  Fd both(::openat(directory_.get(), stream, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!both) throw SysError(errno, fmt::format("can't open '{}/{}'", path_, stream));
  return both;
}

std::optional<MonitorStatus> RunDirectory::read_status() const {
  const Fd file(::openat(directory_.get(), status_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return std::nullopt;
  const auto json = nlohmann::json::parse(util::read_all(file.get(), 1 << 16), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto text = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
  };
  MonitorStatus out;
  out.state = text("state");
  out.started_at = text("startedAt");
  out.finished_at = text("finishedAt");
  if (json.contains("exitCode") && json["exitCode"].is_number_integer()) out.exit_code = json["exitCode"];
  out.pid = json.value("pid", 0);
  out.signal = json.value("signal", 0);
  out.out_of_memory = json.value("oomKilled", false);
  out.restarts = json.value("restarts", 0U);
  return out;
}

void RunDirectory::write_status(const MonitorStatus& status) const {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
  };
  nlohmann::ordered_json json;
  json["state"] = status.state;
  json["pid"] = status.pid;
  json["monitorPid"] = ::getpid();
  json["monitorStartTime"] = isolation::process_start_time(::getpid()).value_or(0);
  json["startedAt"] = text_or_null(status.started_at);
  json["finishedAt"] = text_or_null(status.finished_at);
  json["exitCode"] = status.exit_code ? nlohmann::ordered_json(*status.exit_code) : nlohmann::ordered_json(nullptr);
  json["signal"] = status.signal;
  json["oomKilled"] = status.out_of_memory;
  json["restarts"] = status.restarts;
  // Not synced to the disk: a host that crashed has no containers.
  const std::string temporary = std::string(status_name) + ".new";
  {
    const Fd file(
        ::openat(directory_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) throw SysError(errno, fmt::format("can't write '{}/{}'", path_, status_name));
    util::write_all(file.get(), json.dump() + "\n");
  }
  if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), status_name) != 0)
    throw SysError(errno, fmt::format("can't replace '{}/{}'", path_, status_name));
}

void RunDirectory::note(const util::Error& error) const noexcept {
  try {
    const Fd log(::openat(directory_.get(), "log", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (log)
      util::write_all(log.get(), fmt::format("{} stderr F isolate: {}\n", isolation::timestamp(), one_line(error)));
  } catch (const std::exception&) {
    return;  // the log can't be written either: nobody is left to tell
  }
}

void RunDirectory::clean() const noexcept {
  for (const char* name : {"stdout", "stderr", socket_name}) ::unlinkat(directory_.get(), name, 0);
}

void RunDirectory::discard() const noexcept {
  clean();
  if (!made_) return;
  for (const char* name : {status_name, "log", lock_name}) ::unlinkat(directory_.get(), name, 0);
  ::rmdir(path_.c_str());
}

}  // namespace vmtool::oci
