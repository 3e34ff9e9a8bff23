#pragma once
// How a container gets its cgroup: made by us before the clone, or by systemd around the child afterwards.

#include <string>

#include <sys/types.h>

#include "isolation/cgroup.hpp"
#include "isolation/spec.hpp"
#include "isolation/state.hpp"
#include "isolation/systemd_manager.hpp"

namespace vmtool::isolation {

/// Who makes the cgroups of containers.
enum class CgroupManager { filesystem, systemd, none };

/// Makes the cgroup of a container on the cgroup filesystem, noted in `files` before it is made. An unprivileged user's
/// container without limits may be without one. Throws Error.
Cgroup make_cgroup(const Spec& spec, const CgroupLayout& layout, const std::string& path, const StateDirectory& files);

/// Throws Error{unavailable} where limits are asked for and cgroups are switched off.
void require_no_limits(const Resources& resources);

/// A scope of systemd's for a container. Made in two steps, since a scope takes only processes that there are.
class ContainerScope {
 public:
  /// Checks what can be checked, and connects to systemd. Throws Error.
  ContainerScope(const Spec& spec, const CgroupLayout& layout);
  /// Makes the scope around `process`, with the limits; all of it is noted in `files`, and in `state`. Throws Error.
  Cgroup make(pid_t process, const StateDirectory& files, State& state);
  int descriptor() const noexcept { return systemd_.descriptor(); }

 private:
  const Spec& spec_;
  const CgroupLayout& layout_;
  SystemdManager systemd_;
  UnitName name_;
  std::vector<UnitProperty> properties_;
};

/// Ends the scope of a container whose processes are gone, so that its name is free. Where systemd can't be asked it finds
/// out by itself.
void release_scope(const std::string& unit) noexcept;

/// Whether systemd says that a scope that is empty by now ended for want of memory.
bool scope_ran_out_of_memory(const std::string& unit) noexcept;

}  // namespace vmtool::isolation
