#include "isolation/idmap.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/command.hpp"
#include "util/death_signal.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

bool overlaps(std::uint32_t a, std::uint32_t a_size, std::uint32_t b, std::uint32_t b_size) noexcept {
  return a < std::uint64_t{b} + b_size && b < std::uint64_t{a} + a_size;
}

void write_proc_file(pid_t pid, const char* name, const std::string& text) {
  const util::Fd file = util::open_file(fmt::format("/proc/{}/{}", pid, name), O_WRONLY);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw util::SysError(errno, fmt::format("can't write the {} of the user namespace", name));
  }
}

/// One line that maps exactly the caller: the kernel lets every user write that.
bool is_only(const std::vector<IdMap>& map, std::uint32_t id) noexcept {
  return map.size() == 1 && map[0].size == 1 && map[0].host == id;
}

std::string user_name(uid_t uid) {
  std::string passwd;
  try {
    passwd = util::read_file("/etc/passwd", 16 << 20);
  } catch (const Error&) {
    return {};
  }
  for (const std::string& line : util::split(passwd, '\n')) {
    const auto fields = util::split(line, ':');
    if (fields.size() > 2 && util::parse_decimal(fields[2], UINT32_MAX) == uid) return fields[0];
  }
  return {};
}

void require_subordinate(const std::vector<IdMap>& map, const char* file, std::uint32_t own) {
  std::string text;
  try {
    text = util::read_file(file, 16 << 20);
  } catch (const Error&) {
    text.clear();
  }
  const auto ranges = subordinate_ranges(text, user_name(::geteuid()), ::geteuid());
  for (const IdMap& item : map) {
    if (item.size == 1 && item.host == own) continue;
    bool inside = false;
    for (const SubordinateRange& range : ranges) {
      inside = inside || (item.host >= range.first &&
                          std::uint64_t{item.host} + item.size <= std::uint64_t{range.first} + range.count);
    }
    if (!inside) {
      throw Error(Errc::denied, fmt::format("the ids {} to {} are beyond the subordinate range of this user", item.host,
                                            std::uint64_t{item.host} + item.size - 1))
          .hint(fmt::format("add a range to {}", file));
    }
  }
}

void run_helper(const char* program, pid_t pid, const std::vector<IdMap>& map) {
  util::Command command{{program, std::to_string(pid)}};
  for (const IdMap& item : map) {
    for (const std::uint32_t value : {item.container, item.host, item.size})
      command.args.push_back(std::to_string(value));
  }
  util::run_checked(command);
}

}  // namespace

void check_id_map(const std::vector<IdMap>& map, const char* what) {
  const auto refuse = [&](const std::string& why) {
    throw Error(Errc::invalid_input, fmt::format("the {} map {}", what, why));
  };
  if (map.empty()) refuse("is empty");
  if (map.size() > 340) refuse("has more than 340 lines");
  for (std::size_t i = 0; i < map.size(); ++i) {
    const IdMap& item = map[i];
    if (item.size == 0) refuse("has a range of no ids");
    // 4294967295 is "no id" to the kernel.
    if (std::uint64_t{item.container} + item.size > UINT32_MAX || std::uint64_t{item.host} + item.size > UINT32_MAX)
      refuse("has a range beyond 4294967294");
    for (std::size_t j = 0; j < i; ++j) {
      if (overlaps(item.container, item.size, map[j].container, map[j].size) ||
          overlaps(item.host, item.size, map[j].host, map[j].size)) {
        refuse("has overlapping ranges");
      }
    }
  }
}

std::string id_map_text(const std::vector<IdMap>& map) {
  std::string out;
  for (const IdMap& item : map) out += fmt::format("{} {} {}\n", item.container, item.host, item.size);
  return out;
}

std::optional<std::uint32_t> to_host_id(const std::vector<IdMap>& map, std::uint32_t id) noexcept {
  for (const IdMap& item : map) {
    if (id >= item.container && id - item.container < item.size) return item.host + (id - item.container);
  }
  return std::nullopt;
}

std::vector<SubordinateRange> subordinate_ranges(std::string_view text, const std::string& user, uid_t uid) {
  std::vector<SubordinateRange> out;
  for (const std::string& line : util::split(text, '\n')) {
    const auto fields = util::split(line, ':');
    if (fields.size() != 3 || fields[0].empty() || (fields[0] != user && fields[0] != std::to_string(uid))) continue;
    const auto first = util::parse_decimal(fields[1], UINT32_MAX);
    const auto count = util::parse_decimal(fields[2], UINT32_MAX);
    if (first && count) out.push_back({static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*count)});
  }
  return out;
}

bool keeps_setgroups(const std::vector<IdMap>& gid_map) { return ::geteuid() == 0 || !is_only(gid_map, ::getegid()); }

void write_id_maps(pid_t pid, const std::vector<IdMap>& uid_map, const std::vector<IdMap>& gid_map) {
  const bool privileged = ::geteuid() == 0;
  if (privileged || is_only(uid_map, ::geteuid())) {
    write_proc_file(pid, "uid_map", id_map_text(uid_map));
  } else {
    require_subordinate(uid_map, "/etc/subuid", ::geteuid());
    run_helper("newuidmap", pid, uid_map);
  }
  if (privileged || is_only(gid_map, ::getegid())) {
    if (!privileged) write_proc_file(pid, "setgroups", "deny");
    write_proc_file(pid, "gid_map", id_map_text(gid_map));
  } else {
    require_subordinate(gid_map, "/etc/subgid", ::getegid());
    run_helper("newgidmap", pid, gid_map);
  }
}

util::Fd make_user_namespace(const std::vector<IdMap>& uid_map, const std::vector<IdMap>& gid_map) {
  check_id_map(uid_map, "uid");
  check_id_map(gid_map, "gid");
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) throw util::SysError(errno, "can't make a pipe");
  util::Fd read_end(ready[0]);
  util::Fd write_end(ready[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw util::SysError(errno, "can't fork");
  if (pid == 0) {
    if (!util::die_with_parent(parent)) ::_exit(1);
    const char answer = ::unshare(CLONE_NEWUSER) == 0 ? '1' : '0';
    if (::write(ready[1], &answer, 1) == 1) {
      for (;;) ::pause();
    }
    ::_exit(1);
  }
  util::Child holder(pid);
  write_end.reset();
  char answer = '0';
  if (::read(read_end.get(), &answer, 1) != 1 || answer != '1')
    throw Error(Errc::unavailable, "a user namespace can't be made");
  write_id_maps(pid, uid_map, gid_map);
  return util::open_file(fmt::format("/proc/{}/ns/user", pid), O_RDONLY);
}

}  // namespace vmtool::isolation
