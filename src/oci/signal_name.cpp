#include "oci/signal_name.hpp"

#include <signal.h>
#include <string.h>  // sigabbrev_np

#include <algorithm>
#include <cctype>
#include <string>

#include "util/text.hpp"

namespace vmtool::oci {

std::optional<int> find_signal(std::string_view text) {
  const int last = SIGRTMAX;
  if (const auto number = util::parse_decimal(text, static_cast<std::uint64_t>(last))) return static_cast<int>(*number);
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) name.erase(0, 3);
  if (name.starts_with("RTMIN")) {
    if (name == "RTMIN") return SIGRTMIN;
    const auto offset = name[5] == '+'
                            ? util::parse_decimal(name.substr(6), static_cast<std::uint64_t>(last - SIGRTMIN))
                            : std::nullopt;
    return offset ? std::optional<int>(SIGRTMIN + static_cast<int>(*offset)) : std::nullopt;
  }
  for (int number = 1; number < 32; ++number) {
    const char* const known = ::sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  return std::nullopt;
}

}  // namespace vmtool::oci
