#pragma once
// The cgroup directories of one container on disk: made from a plan, found again from the state, used and removed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "isolation/cgroup_plan.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

class Cgroup {
 public:
  Cgroup() = default;
  explicit Cgroup(std::vector<CgroupDirectory> directories) : directories_(std::move(directories)) {}

  /// Makes the directories and sets the limits; on a failure nothing stays. Throws Error that names the controller.
  /// `taken` is a directory that systemd has made and put the container's process into.
  static Cgroup create(const CgroupPlan& plan, const std::string& taken = {});

  const std::vector<CgroupDirectory>& directories() const noexcept { return directories_; }
  /// The v2 directory, for CLONE_INTO_CGROUP; none where the host has no v2 tree.
  util::Fd open_unified() const;
  /// Puts a process into every v1 directory. Throws SysError.
  void join_v1(pid_t process) const;
  /// `tasks` of every v1 directory, open for writing.
  std::vector<util::Fd> open_tasks() const;

  /// Processes in the cgroup, in the ids of our pid namespace.
  std::vector<pid_t> processes() const;
  /// Sends `signal` to every process; SIGKILL by cgroup.kill where the kernel has it.
  void kill(int signal) const;
  /// Freezes or thaws; where there is no v2 directory the freezer hierarchy is joined now. Throws Error{unavailable}.
  enum class Freeze { on, off };
  void set_frozen(Freeze freeze, const CgroupLayout& layout, const std::string& path);
  bool is_frozen() const;
  /// How often the kernel killed a process of it for memory; absent where memory is not accounted.
  std::optional<std::uint64_t> oom_kills() const;
  /// A number or text of the first directory that has `file`.
  std::optional<std::string> find_value(const std::string& controller, const std::string& file) const;
  /// Applies further limits. Throws Error.
  void apply(const std::vector<CgroupDirectory>& changes) const;
  /// Removes the directories and what was made below them; waits up to two seconds for dying processes. Throws SysError.
  void remove() const;

 private:
  std::vector<CgroupDirectory> directories_{};
};

}  // namespace vmtool::isolation
