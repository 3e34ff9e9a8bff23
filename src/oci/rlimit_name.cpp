#include "oci/rlimit_name.hpp"

#include <sys/resource.h>

#include <array>
#include <utility>

namespace vmtool::oci {

std::optional<int> find_rlimit(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, int>, 16> names{{
      {"RLIMIT_AS", RLIMIT_AS},
      {"RLIMIT_CORE", RLIMIT_CORE},
      {"RLIMIT_CPU", RLIMIT_CPU},
      {"RLIMIT_DATA", RLIMIT_DATA},
      {"RLIMIT_FSIZE", RLIMIT_FSIZE},
      {"RLIMIT_LOCKS", 10},
      {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
      {"RLIMIT_MSGQUEUE", 12},
      {"RLIMIT_NICE", 13},
      {"RLIMIT_NOFILE", RLIMIT_NOFILE},
      {"RLIMIT_NPROC", RLIMIT_NPROC},
      {"RLIMIT_RSS", RLIMIT_RSS},
      {"RLIMIT_RTPRIO", 14},
      {"RLIMIT_RTTIME", 15},
      {"RLIMIT_SIGPENDING", 11},
      {"RLIMIT_STACK", RLIMIT_STACK},
  }};
  for (const auto& [text, number] : names) {
    if (text == name) return number;
  }
  return std::nullopt;
}

}  // namespace vmtool::oci
