#include "ops/container_facts.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

constexpr std::size_t profile_limit = std::size_t{4} << 20;
constexpr std::size_t subid_limit = std::size_t{1} << 20;

bool has_newuidmap() { return ::access("/usr/bin/newuidmap", X_OK) == 0; }

std::string user_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : "";
}

// Lines are USER:FIRST:COUNT, the user by name or number (subuid(5)).
std::vector<model::IdMapping> with_subordinates(unsigned own, const char* file) {
  std::vector<model::IdMapping> ranges{{0, own, 1}};
  if (!has_newuidmap() || ::access(file, R_OK) != 0) return ranges;
  const std::string name = user_name();
  const std::string number = std::to_string(::geteuid());
  unsigned next = 1;
  for (const std::string& line : util::split(util::read_file(file, subid_limit), '\n')) {
    const auto words = util::split(line, ':');
    if (words.size() != 3 || (words[0] != name && words[0] != number)) continue;
    const auto first = util::parse_decimal(words[1], UINT32_MAX - 1);
    const auto count = util::parse_decimal(words[2], UINT32_MAX - 1 - next);
    if (!first || !count || *count == 0 || *first + *count > UINT32_MAX) continue;
    ranges.push_back({next, static_cast<unsigned>(*first), static_cast<unsigned>(*count)});
    next += static_cast<unsigned>(*count);
  }
  return ranges;
}

}  // namespace

IdRanges id_ranges(const model::UserMappings& mappings) {
  if (mappings.mode == model::MappingMode::list) return {mappings.ranges, mappings.ranges};
  if (::geteuid() == 0) return {};
  if (mappings.mode == model::MappingMode::host) {
    throw util::Error(util::Errc::denied, "a container with the host's ids needs root")
        .hint("write 'userMappings: auto'");
  }
  return {with_subordinates(::geteuid(), "/etc/subuid"), with_subordinates(::getegid(), "/etc/subgid")};
}

std::map<std::string, bundle::DeviceNumber> device_numbers(const model::ContainerResources& resources) {
  std::map<std::string, bundle::DeviceNumber> out;
  for (const model::BlockLimits& limits : resources.block) {
    struct stat about {};
    if (::stat(limits.device.c_str(), &about) != 0)
      throw util::SysError(errno, fmt::format("the limited device '{}'", util::printable(limits.device)));
    if (!S_ISBLK(about.st_mode)) {
      throw util::Error(util::Errc::invalid_input, fmt::format("'{}' is no block device, so its use can't be limited",
                                                               util::printable(limits.device)));
    }
    out[limits.device] = {major(about.st_rdev), minor(about.st_rdev)};
  }
  return out;
}

std::string seccomp_text(const model::Container& container) {
  if (container.seccomp == "default" || container.seccomp == "unconfined") return {};
  return util::during(fmt::format("reading the seccomp profile of container '{}'", container.name),
                      [&] { return util::read_file(container.seccomp, profile_limit); });
}

}  // namespace vmtool::ops
