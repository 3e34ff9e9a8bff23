#pragma once
// What a container's own kernel objects are set to: names, sysctls, limits.

#include <string>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

struct SetHostname {
  std::string name{};
};
struct SetDomainname {
  std::string name{};
};
/// Writes a kernel parameter; `path` is below /proc, e.g. "sys/net/ipv4/ip_forward".
struct SetSysctl {
  std::string path{};
  std::string value{};
};
/// Raises the hard limit to that of `limit` where it is lower, which takes privilege; nothing gets scarcer yet.
struct RaiseRlimit {
  Rlimit limit{};
};
/// Sets both limits. Late, because the steps need descriptors and memory themselves.
struct SetRlimit {
  Rlimit limit{};
};
struct SetOomScoreAdj {
  std::string value{};
};
/// The AppArmor profile that takes effect with execve.
struct SetAppArmor {
  std::string profile{};
};

Outcome run(const SetHostname& step, Child& child) noexcept;
Outcome run(const SetDomainname& step, Child& child) noexcept;
Outcome run(const SetSysctl& step, Child& child) noexcept;
Outcome run(const RaiseRlimit& step, Child& child) noexcept;
Outcome run(const SetRlimit& step, Child& child) noexcept;
Outcome run(const SetOomScoreAdj& step, Child& child) noexcept;
Outcome run(const SetAppArmor& step, Child& child) noexcept;

}  // namespace vmtool::isolation
