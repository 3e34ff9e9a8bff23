#include "isolation/state.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

constexpr const char* fifo_name = "start";
constexpr std::size_t document_limit = std::size_t{32} << 20;

void make_root(const std::string& root) {
  for (std::size_t end = root.find('/', 1);; end = root.find('/', end + 1)) {
    if (::mkdir(root.substr(0, end).c_str(), end == std::string::npos ? 0700 : 0755) != 0 && errno != EEXIST) {
      throw SysError(errno, fmt::format("can't make the state directory '{}'", root));
    }
    if (end == std::string::npos) return;
  }
}

Fd open_directory(const std::string& path, StateDirectory::Lock lock) {
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory || lock == StateDirectory::Lock::shared) return directory;
  if (::flock(directory.get(), LOCK_EX) != 0) throw SysError(errno, fmt::format("can't lock '{}'", path));
  return directory;
}

/// Somebody else's directory at a predictable place is not believed.
void require_own(const std::string& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0) throw SysError(errno, fmt::format("state directory '{}'", path));
  if (!S_ISDIR(about.st_mode) || about.st_uid != ::geteuid() || (about.st_mode & 022) != 0) {
    throw Error(Errc::denied,
                fmt::format("the state directory '{}' belongs to somebody else or can be written by others", path));
  }
}

std::string without_newlines(const std::string& text) {
  std::string out = text;
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

void take_line(const std::string& key, const std::string& value, State& state) {
  const auto number = [&] { return util::parse_decimal(value).value_or(0); };
  if (key == "id") {
    state.id = value;
  } else if (key == "bundle") {
    state.bundle = value;
  } else if (key == "created") {
    state.created = value;
  } else if (key == "owner") {
    state.owner = static_cast<uid_t>(number());
  } else if (key == "pid") {
    state.pid = static_cast<pid_t>(number());
  } else if (key == "start-time") {
    state.start_time = number();
  } else if (key == "cgroup-path") {
    state.cgroup_path = value;
  } else if (key == "unit") {
    state.unit = value;
  } else if (key == "interface") {
    state.interfaces.push_back(value);
  } else if (key == "no-cgroups") {
    state.cgroups.clear();
  } else if (key == "cgroup") {
    // "CONTROLLER MOUNT PATH", the controller "-" for the v2 tree; mount points have no blanks.
    const auto first = value.find(' ');
    const auto second = value.find(' ', first + 1);
    if (second == std::string::npos) return;
    const std::string controller = value.substr(0, first);
    state.cgroups.push_back({controller == "-" ? "" : controller,
                             value.substr(first + 1, second - first - 1),
                             value.substr(second + 1),
                             {},
                             {}});
  }
}

}  // namespace

const char* to_text(Status status) noexcept {
  switch (status) {
    case Status::creating: return "creating";
    case Status::created: return "created";
    case Status::running: return "running";
    case Status::paused: return "paused";
    case Status::stopped: return "stopped";
  }
  return "stopped";
}

void check_id(const std::string& id) {
  const bool characters = std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '+' || c == '-' || c == '.';
  });
  if (id.empty() || id.size() > 255 || !characters || id == "." || id == ".." || id[0] == '.') {
    throw Error(Errc::invalid_input,
                fmt::format("'{}' is no container id: 1 to 255 letters, digits, _, +, - and ., not beginning with .",
                            util::printable(id)));
  }
}

StateDirectory StateDirectory::create(const std::string& root, const std::string& id) {
  check_id(id);
  const std::string path = root + "/" + id;
  int made = ::mkdir(path.c_str(), 0700);
  if (made != 0 && errno == ENOENT) {
    make_root(root);
    made = ::mkdir(path.c_str(), 0700);
  }
  if (made != 0 && errno == EEXIST)
    throw Error(Errc::conflict, fmt::format("container '{}' exists already", id))
        .hint("delete it, or choose another id");
  if (made != 0) throw SysError(errno, fmt::format("can't make the state directory '{}'", path));
  require_own(root);
  Fd directory = open_directory(path, Lock::alone);
  if (!directory) throw SysError(errno, fmt::format("can't open the state directory '{}'", path));
  return {root, path, std::move(directory)};
}

StateDirectory StateDirectory::open(const std::string& root, const std::string& id, Lock lock) {
  check_id(id);
  const std::string path = root + "/" + id;
  Fd directory = open_directory(path, lock);
  if (!directory && errno == ENOENT) throw Error(Errc::not_found, fmt::format("container '{}' does not exist", id));
  if (!directory) throw SysError(errno, fmt::format("can't open the state directory '{}'", path));
  require_own(root);
  return {root, path, std::move(directory)};
}

void StateDirectory::unlock() const noexcept { ::flock(directory_.get(), LOCK_UN); }

std::vector<std::string> StateDirectory::list(const std::string& root) {
  std::vector<std::string> out;
  const util::Handle<DIR, ::closedir> directory{::opendir(root.c_str())};
  if (!directory) return out;
  while (const dirent* const entry = ::readdir(directory.get())) {
    if (entry->d_name[0] != '.') out.emplace_back(entry->d_name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

void StateDirectory::append(const std::string& key, const std::string& value) const {
  const Fd file(::openat(directory_.get(), "state", O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) throw SysError(errno, fmt::format("can't open the state of '{}'", path_));
  util::write_all(file.get(), fmt::format("{} {}\n", key, without_newlines(value)));
}

void StateDirectory::write_document(std::string_view text) const {
  const Fd file(::openat(directory_.get(), "config.json", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) throw SysError(errno, fmt::format("can't keep the configuration in '{}'", path_));
  util::write_all(file.get(), text);
}

std::string StateDirectory::read_document() const {
  const Fd file(::openat(directory_.get(), "config.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) throw SysError(errno, fmt::format("can't read the configuration in '{}'", path_));
  return util::read_all(file.get(), document_limit);
}

State StateDirectory::read() const {
  State state;
  state.id = path_.substr(path_.rfind('/') + 1);
  const Fd file(::openat(directory_.get(), "state", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return state;
  for (const std::string& line : util::split(util::read_all(file.get(), 1 << 20), '\n')) {
    const auto blank = line.find(' ');
    if (blank != std::string::npos) take_line(line.substr(0, blank), line.substr(blank + 1), state);
  }
  return state;
}

Fd StateDirectory::make_start_fifo() const {
  // The container's user opens it for writing; nobody else gets past the directory's mode.
  if (::mkfifoat(directory_.get(), fifo_name, 0622) != 0) throw SysError(errno, "can't make the start fifo");
  if (::fchmodat(directory_.get(), fifo_name, 0622, 0) != 0) throw SysError(errno, "can't set the start fifo's mode");
  Fd fifo(::openat(directory_.get(), fifo_name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fifo) throw SysError(errno, "can't open the start fifo");
  return fifo;
}

Fd StateDirectory::open_start_fifo() const {
  return Fd(::openat(directory_.get(), fifo_name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
}

bool StateDirectory::has_start_fifo() const {
  return ::faccessat(directory_.get(), fifo_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void StateDirectory::remove_start_fifo() const { ::unlinkat(directory_.get(), fifo_name, 0); }

void StateDirectory::remove() const {
  for (const char* name : {"state", "config.json", fifo_name}) ::unlinkat(directory_.get(), name, 0);
  if (::rmdir(path_.c_str()) != 0 && errno != ENOENT)
    throw SysError(errno, fmt::format("can't remove the state directory '{}'", path_));
}

std::optional<std::uint64_t> process_start_time(pid_t pid) {
  const Fd file(::open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  char text[1024];
  const ssize_t got = ::read(file.get(), text, sizeof text);
  if (got <= 0) return std::nullopt;
  // The name of the program stands in parentheses and may hold anything; the fields after it are numbers.
  const std::string_view all(text, static_cast<std::size_t>(got));
  const auto close = all.rfind(')');
  if (close == std::string_view::npos || close + 2 >= all.size()) return std::nullopt;
  const auto fields = util::split(all.substr(close + 2), ' ');
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X") return std::nullopt;
  return util::parse_decimal(fields[19]);
}

}  // namespace vmtool::isolation
