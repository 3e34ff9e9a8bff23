#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

constexpr std::size_t longest_hostname = 64;      // __NEW_UTS_LEN of linux/utsname.h
constexpr std::size_t most_id_ranges = 340;       // user_namespaces(7)
constexpr std::uint64_t end_of_ids = UINT32_MAX;  // the last number means "no id"

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_word(const std::string& path, const std::string& word, const std::vector<std::string>& known,
                std::string_view what, Findings& findings) {
  if (is_one_of(known, word)) return;
  const auto meant = util::nearest(word, known);
  findings.add(path, fmt::format("there is no {} '{}'", what, util::printable(word, 80)),
               meant ? fmt::format("did you mean '{}'?", *meant) : "");
}

void check_rootfs(const Rootfs& rootfs, Findings& findings) {
  const int count = (rootfs.image ? 1 : 0) + (rootfs.layers.empty() ? 0 : 1) + (rootfs.archive ? 1 : 0);
  if (count != 1) findings.add("rootfs", "a root filesystem comes from exactly one of 'image', 'layers' and 'archive'");
  if (rootfs.image) findings.check_line("rootfs.image", *rootfs.image);
  for (std::size_t i = 0; i < rootfs.layers.size(); ++i)
    findings.check_absolute_path(at("rootfs.layers", i), rootfs.layers[i]);
  if (rootfs.archive) findings.check_absolute_path("rootfs.archive", *rootfs.archive);
}

void check_args(const Container& container, Findings& findings) {
  const std::vector<std::string>& args = container.process.args;
  if (args.empty() && !container.rootfs.image) {
    findings.add("process", "a container without an image has no command of its own",
                 "write the program and its arguments as 'args'");
  }
  if (!args.empty() && args.front().empty()) findings.add("process.args[0]", "the program is an empty text");
  for (const auto& [name, value] : container.process.env) {
    if (!name.empty() && name.find('=') == std::string::npos) continue;
    findings.add("process.env." + name, fmt::format("'{}' can't be the name of a variable", util::printable(name, 80)));
  }
}

void check_limits_of_process(const ContainerProcess& process, Findings& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < process.rlimits.size(); ++i) {
    const Rlimit& limit = process.rlimits[i];
    const std::string path = at("process.rlimits", i);
    check_word(path + ".type", limit.type, rlimit_names(), "resource limit", findings);
    if (!seen.insert(limit.type).second)
      findings.add(path + ".type",
                   fmt::format("the resource limit '{}' is given twice", util::printable(limit.type, 80)));
    if (limit.soft > limit.hard)
      findings.add(path + ".soft", fmt::format("the soft limit {} is above the hard limit {}", limit.soft, limit.hard));
  }
}

void check_process(const Container& container, Findings& findings) {
  const ContainerProcess& process = container.process;
  check_args(container, findings);
  if (process.cwd) findings.check_inside_path("process.cwd", *process.cwd);
  if (process.capabilities) {
    for (std::size_t i = 0; i < process.capabilities->size(); ++i) {
      check_word(at("process.capabilities", i), (*process.capabilities)[i], capability_names(), "capability", findings);
    }
  }
  check_limits_of_process(process, findings);
  if (!process.user) return;
  const auto check_id = [&](const std::string& path, unsigned id) {
    if (id == end_of_ids) findings.add(path, fmt::format("{} is no id: the kernel takes it for none", id));
  };
  check_id("process.user.uid", process.user->uid);
  check_id("process.user.gid", process.user->gid);
  for (std::size_t i = 0; i < process.user->groups.size(); ++i)
    check_id(at("process.user.additionalGids", i), process.user->groups[i]);
}

struct Range {
  std::uint64_t first;
  std::uint64_t end;
  std::string path;
};

void check_overlap(std::vector<Range> ranges, Findings& findings) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].end) findings.add(ranges[i].path, "the range overlaps another one");
  }
}

void check_mappings(const Container& container, Findings& findings) {
  const UserMappings& mappings = container.user_mappings;
  if (mappings.mode != MappingMode::list) return;
  if (mappings.ranges.empty())
    findings.add("userMappings", "a list of mappings has one range at least", "write auto, host, or a range");
  if (mappings.ranges.size() > most_id_ranges)
    findings.add("userMappings", fmt::format("{} ranges are more than {}", mappings.ranges.size(), most_id_ranges));
  std::vector<Range> inside;
  std::vector<Range> outside;
  for (std::size_t i = 0; i < mappings.ranges.size(); ++i) {
    const IdMapping& range = mappings.ranges[i];
    const std::string path = at("userMappings", i);
    if (range.size == 0) findings.add(path + ".size", "a range without ids");
    for (const std::uint64_t first : {std::uint64_t{range.container_id}, std::uint64_t{range.host_id}}) {
      if (first + range.size > end_of_ids) {
        findings.add(path, fmt::format("the range ends beyond the last id {}", end_of_ids - 1));
        break;
      }
    }
    inside.push_back({range.container_id, std::uint64_t{range.container_id} + range.size, path});
    outside.push_back({range.host_id, std::uint64_t{range.host_id} + range.size, path});
  }
  const auto maps = [&](std::uint64_t id) {
    return std::any_of(inside.begin(), inside.end(),
                       [&](const Range& range) { return range.first <= id && id < range.end; });
  };
  if (!inside.empty() && !maps(0)) findings.add("userMappings", "no range has the id 0, which sets the container up");
  const ContainerUser user = container.process.user.value_or(ContainerUser{});
  if (!inside.empty() && !maps(user.uid))
    findings.add("userMappings", fmt::format("no range has the process's uid {}", user.uid));
  if (!inside.empty() && !maps(user.gid))
    findings.add("userMappings", fmt::format("no range has the process's gid {}", user.gid));
  check_overlap(std::move(inside), findings);
  check_overlap(std::move(outside), findings);
}

bool is_signal(const std::string& name) {
  if (is_one_of(signal_names(), name)) return true;
  const std::string_view first = "SIGRTMIN";
  if (name == first) return true;
  return name.starts_with("SIGRTMIN+") &&
         util::parse_decimal(std::string_view(name).substr(first.size() + 1), 30).has_value();
}

void check_rest(const Container& container, Findings& findings) {
  if (!container.hostname.empty()) findings.check_dns_name("hostname", container.hostname);
  if (container.hostname.size() > longest_hostname)
    findings.add("hostname", fmt::format("the host name has {} bytes, at most {} are allowed",
                                         container.hostname.size(), longest_hostname));
  if (container.seccomp != "default" && container.seccomp != "unconfined")
    findings.check_absolute_path("seccomp", container.seccomp);
  if (container.stop_signal && !is_signal(*container.stop_signal))
    check_word("stopSignal", *container.stop_signal, signal_names(), "signal", findings);
  for (const auto& [key, value] : container.labels) {
    findings.check_name("labels." + key, key);
    findings.check_line("labels." + key, value);
  }
  for (const auto& entry : container.sysctl) {
    static const std::vector<std::string> own{"net.", "kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."};
    const std::string& name = entry.first;
    if (std::any_of(own.begin(), own.end(), [&](const std::string& prefix) { return name.starts_with(prefix); }))
      continue;
    findings.add("sysctl." + name,
                 fmt::format("the kernel parameter '{}' is not separate for each container", util::printable(name, 80)),
                 "net., kernel.shm…, kernel.msg…, kernel.sem and fs.mqueue. are");
  }
}

}  // namespace

std::vector<Finding> check(const Container& container) {
  Findings findings;
  findings.check_name("name", container.name);
  check_rootfs(container.rootfs, findings);
  check_process(container, findings);
  check_mappings(container, findings);
  check_mounts(container, findings);
  check_network(container, findings);
  check_resources(container.resources, findings);
  check_rest(container, findings);
  return findings.take();
}

}  // namespace vmtool::model
