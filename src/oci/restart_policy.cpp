#include "oci/restart_policy.hpp"

#include <algorithm>

namespace vmtool::oci {

std::optional<RestartPolicy> find_restart_policy(std::string_view text) {
  if (text == "no") return RestartPolicy::no;
  if (text == "on-failure") return RestartPolicy::on_failure;
  if (text == "always") return RestartPolicy::always;
  return std::nullopt;
}

bool restarts_after(RestartPolicy policy, std::optional<int> code) noexcept {
  return policy == RestartPolicy::always || (policy == RestartPolicy::on_failure && code.value_or(0) != 0);
}

std::int64_t restart_pause_ms(unsigned failures) noexcept {
  constexpr unsigned enough = 10;  // 100 ms doubled ten times is past a minute
  return std::min<std::int64_t>(std::int64_t{100} << std::min(failures, enough), 60'000);
}

}  // namespace vmtool::oci
