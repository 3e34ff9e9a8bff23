#include "isolation/launch_context.hpp"

#include <unistd.h>

#include "isolation/capability.hpp"
#include "isolation/idmap.hpp"

namespace vmtool::isolation {

PlanContext launch_context(const Spec& spec, const Process& process, const std::string& state_root) {
  PlanContext context;
  context.privileged = ::geteuid() == 0;
  context.set_groups = !spec.makes(NamespaceKind::user) || keeps_setgroups(spec.gid_map);
  context.bounding_set = spec.find_namespace(NamespaceKind::user) != nullptr ? ~std::uint64_t{0} : own_bounding_set();
  const std::string cache = state_root + "/.seccomp";
  switch (spec.seccomp_use) {
    case SeccompUse::unconfined: break;
    case SeccompUse::standard:
      context.filter = default_filter(process.capabilities.bounding & context.bounding_set, cache);
      break;
    case SeccompUse::profile:
      context.filter_flags = filter_flags(spec.seccomp);
      if (!allows_everything(spec.seccomp)) context.filter = profile_filter(spec.seccomp, cache);
      break;
  }
  return context;
}

}  // namespace vmtool::isolation
