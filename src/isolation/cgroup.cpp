#include "isolation/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

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

std::optional<std::string> read_value(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text(4096, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(got));
  return std::string(util::trim(text));
}

bool write_value(const std::string& path, std::string_view value) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

/// A new cpuset has neither CPUs nor memory and takes no process until it has.
void inherit_cpuset(const std::string& directory) {
  const std::string parent = directory.substr(0, directory.rfind('/'));
  for (const char* file : {"/cpuset.cpus", "/cpuset.mems"}) {
    if (!read_value(directory + file).value_or("").empty()) continue;
    write_value(directory + file, read_value(parent + file).value_or(""));
  }
}

void make_directory(const CgroupDirectory& wanted, std::vector<std::string>& made) {
  for (std::size_t end = wanted.path.find('/', wanted.mount.size() + 1);; end = wanted.path.find('/', end + 1)) {
    const std::string path = wanted.path.substr(0, end);
    const bool is_new = ::mkdir(path.c_str(), 0755) == 0;
    if (!is_new && errno != EEXIST) throw SysError(errno, fmt::format("can't make the cgroup '{}'", path));
    if (is_new && end == std::string::npos) made.push_back(path);
    if (is_new && wanted.controller == "cpuset") inherit_cpuset(path);
    if (end == std::string::npos) {
      if (!is_new && !read_value(path + "/cgroup.procs").value_or("").empty()) {
        throw Error(Errc::conflict, fmt::format("the cgroup '{}' is in use", path));
      }
      return;
    }
  }
}

/// Every directory above the container's passes the controllers down, if it does not already.
void enable_controllers(const CgroupDirectory& wanted) {
  if (wanted.enable.empty()) return;
  std::size_t end = wanted.mount.size();
  while (end != std::string::npos && end < wanted.path.size()) {
    const std::string file = wanted.path.substr(0, end) + "/cgroup.subtree_control";
    const auto enabled = util::split(read_value(file).value_or(""), ' ');
    for (const std::string& controller : wanted.enable) {
      if (std::find(enabled.begin(), enabled.end(), controller) != enabled.end()) continue;
      if (!write_value(file, "+" + controller)) {
        throw SysError(errno, fmt::format("can't enable cgroup controller '{}' in '{}'", controller, file));
      }
    }
    end = wanted.path.find('/', end + 1);
  }
}

void apply_writes(const CgroupDirectory& directory) {
  for (const CgroupWrite& item : directory.writes) {
    if (write_value(directory.path + "/" + item.file, item.value)) continue;
    const int error = errno;
    const std::string controller =
        directory.is_unified() ? item.file.substr(0, item.file.find('.')) : directory.controller;
    const char* const reason = error == ENOENT ? "the kernel has no such setting" : std::strerror(error);
    const bool lacking = error == ENOENT || error == EOPNOTSUPP;
    throw Error(
        lacking ? Errc::unavailable : util::kind_of_errno(error),
        fmt::format("cgroup controller '{}' can't set '{}' to '{}': {}", controller, item.file, item.value, reason))
        .hint(item.file == "io.weight" && error == EOPNOTSUPP
                  ? "a device has weights once it is enabled in 'io.cost.qos' of the v2 tree's root"
                  : "");
  }
}

void remove_below(const std::string& path) {
  if (const util::Handle<DIR, ::closedir> directory{::opendir(path.c_str())}) {
    while (const dirent* const entry = ::readdir(directory.get())) {
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.') remove_below(path + "/" + entry->d_name);
    }
  }
  ::rmdir(path.c_str());
}

void remove_directory(const std::string& path) {
  // A killed process keeps its cgroup busy until the kernel is done with it.
  const timespec pause{0, 500'000};
  for (int attempt = 0; attempt < 4000; ++attempt) {
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return;
    if (errno != EBUSY) break;
    if (attempt % 100 == 50) remove_below(path);
    if (attempt > 0) ::nanosleep(&pause, nullptr);
  }
  throw SysError(errno, fmt::format("can't remove the cgroup '{}'", path));
}

}  // namespace

Cgroup Cgroup::create(const CgroupPlan& plan, const std::string& taken) {
  std::vector<std::string> made;
  try {
    for (const CgroupDirectory& directory : plan.directories) {
      if (directory.path != taken) make_directory(directory, made);
      enable_controllers(directory);
      apply_writes(directory);
    }
  } catch (const Error&) {
    for (const std::string& path : made) ::rmdir(path.c_str());
    throw;
  }
  return Cgroup(plan.directories);
}

void Cgroup::apply(const std::vector<CgroupDirectory>& changes) const {
  for (const CgroupDirectory& change : changes) {
    const bool ours =
        std::any_of(directories_.begin(), directories_.end(), [&](const auto& d) { return d.path == change.path; });
    if (!ours && !change.writes.empty()) {
      throw Error(Errc::unavailable,
                  fmt::format("cgroup controller '{}' can't be limited now: the container was started without it",
                              change.controller))
          .hint("give the container a limit of that kind when it is created");
    }
    if (ours) apply_writes(change);
  }
}

Fd Cgroup::open_unified() const {
  for (const CgroupDirectory& directory : directories_) {
    if (directory.is_unified()) return util::open_file(directory.path, O_PATH | O_DIRECTORY);
  }
  return {};
}

void Cgroup::join_v1(pid_t process) const {
  for (const CgroupDirectory& directory : directories_) {
    if (directory.is_unified() || write_value(directory.path + "/cgroup.procs", std::to_string(process))) continue;
    throw SysError(errno, fmt::format("can't put the container into the cgroup '{}'", directory.path));
  }
}

std::vector<Fd> Cgroup::open_tasks() const {
  std::vector<Fd> out;
  for (const CgroupDirectory& directory : directories_) {
    if (!directory.is_unified()) out.push_back(util::open_file(directory.path + "/tasks", O_WRONLY));
  }
  return out;
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> out;
  for (const CgroupDirectory& directory : directories_) {
    const Fd file(::open((directory.path + "/cgroup.procs").c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) continue;
    for (const std::string& line : util::split(util::read_all(file.get(), 16 << 20), '\n')) {
      if (const auto pid = util::parse_decimal(line, INT32_MAX); pid && *pid > 0)
        out.push_back(static_cast<pid_t>(*pid));
    }
    break;  // every process is in all of them
  }
  return out;
}

void Cgroup::kill(int signal) const {
  if (signal == SIGKILL) {
    for (const CgroupDirectory& directory : directories_) {
      if (directory.is_unified() && write_value(directory.path + "/cgroup.kill", "1")) return;
    }
  }
  for (const pid_t pid : processes()) ::kill(pid, signal);
}

void Cgroup::set_frozen(Freeze freeze, const CgroupLayout& layout, const std::string& path) {
  const bool on = freeze == Freeze::on;
  for (const CgroupDirectory& directory : directories_) {
    if (directory.is_unified() && write_value(directory.path + "/cgroup.freeze", on ? "1" : "0")) return;
  }
  const auto freezer = layout.v1.find("freezer");
  if (freezer == layout.v1.end())
    throw Error(Errc::unavailable, "the container can't be frozen: neither a v2 tree nor the v1 freezer is mounted");
  const CgroupDirectory place{"freezer", freezer->second, freezer->second + path, {}, {}};
  if (std::none_of(directories_.begin(), directories_.end(), [&](const auto& d) { return d.path == place.path; })) {
    std::vector<std::string> made;
    make_directory(place, made);
    for (const pid_t pid : processes()) write_value(place.path + "/cgroup.procs", std::to_string(pid));
    directories_.push_back(place);
  }
  if (!write_value(place.path + "/freezer.state", on ? "FROZEN" : "THAWED"))
    throw SysError(errno, "can't set the state of the freezer");
}

bool Cgroup::is_frozen() const {
  for (const CgroupDirectory& directory : directories_) {
    if (directory.is_unified() && read_value(directory.path + "/cgroup.freeze").value_or("") == "1") return true;
    if (directory.controller == "freezer" &&
        read_value(directory.path + "/freezer.state").value_or("THAWED") != "THAWED")
      return true;
  }
  return false;
}

std::optional<std::string> Cgroup::find_value(const std::string& controller, const std::string& file) const {
  for (const CgroupDirectory& directory : directories_) {
    if (directory.controller != controller) continue;
    if (auto value = read_value(directory.path + "/" + file)) return value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Cgroup::oom_kills() const {
  std::optional<std::string> text = find_value("memory", "memory.oom_control");
  if (!text) text = find_value("", "memory.events");
  if (!text) return std::nullopt;
  for (const std::string& line : util::split(*text, '\n')) {
    if (line.starts_with("oom_kill ")) return util::parse_decimal(line.substr(9));
  }
  return std::nullopt;
}

void Cgroup::remove() const {
  for (const CgroupDirectory& directory : directories_) remove_directory(directory.path);
}

}  // namespace vmtool::isolation
