#include "isolation/kernel_state.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <string_view>

#include "isolation/namespaces.hpp"

namespace vmtool::isolation {

Outcome run(const SetHostname& step, Child&) noexcept {
  return ::sethostname(step.name.data(), step.name.size()) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const SetDomainname& step, Child&) noexcept {
  return ::setdomainname(step.name.data(), step.name.size()) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const SetSysctl& step, Child& child) noexcept { return write_proc(child, step.path.c_str(), step.value); }

Outcome run(const RaiseRlimit& step, Child&) noexcept {
  const auto resource = static_cast<__rlimit_resource>(step.limit.resource);
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return Outcome::last_error();
  if (limit.rlim_max >= step.limit.hard) return {};
  limit.rlim_max = step.limit.hard;
  if (::setrlimit(resource, &limit) == 0) return {};
  return Outcome::last_error(errno == EPERM ? "raising a hard limit needs CAP_SYS_RESOURCE" : nullptr);
}

Outcome run(const SetRlimit& step, Child&) noexcept {
  const rlimit limit{step.limit.soft, step.limit.hard};
  const auto resource = static_cast<__rlimit_resource>(step.limit.resource);
  return ::setrlimit(resource, &limit) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome run(const SetOomScoreAdj& step, Child& child) noexcept {
  return write_proc(child, "self/oom_score_adj", step.value);
}

Outcome run(const SetAppArmor& step, Child& child) noexcept {
  return write_proc(child, "thread-self/attr/apparmor/exec", step.profile);
}

}  // namespace vmtool::isolation
