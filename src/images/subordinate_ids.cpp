#include "images/subordinate_ids.hpp"

#include <pwd.h>
#include <unistd.h>

#include "isolation/idmap.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::images {
namespace {

constexpr std::size_t largest_id_file = std::size_t{16} << 20;

std::vector<isolation::SubordinateRange> ranges_in(const char* file) {
  const passwd* user = ::getpwuid(::geteuid());
  try {
    return isolation::subordinate_ranges(util::read_file(file, largest_id_file), user != nullptr ? user->pw_name : "",
                                         ::geteuid());
  } catch (const util::Error&) {
    return {};
  }
}

bool is_installed(const char* name) { return ::access((std::string("/usr/bin/") + name).c_str(), X_OK) == 0; }

}  // namespace

SubordinateIds subordinate_ids() {
  SubordinateIds out{{{0, ::geteuid(), 1}}, {{0, ::getegid(), 1}}};
  const auto uids = ranges_in("/etc/subuid");
  const auto gids = ranges_in("/etc/subgid");
  if (uids.empty() || gids.empty() || !is_installed("newuidmap") || !is_installed("newgidmap")) return out;
  out.uids.push_back({1, uids.front().first, uids.front().count});
  out.gids.push_back({1, gids.front().first, gids.front().count});
  return out;
}

}  // namespace vmtool::images
