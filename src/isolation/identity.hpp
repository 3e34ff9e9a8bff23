#pragma once
// Who the process of a container is, and where it stands: user, groups, capabilities, no_new_privs, filter, directory.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

struct sock_filter;

namespace vmtool::isolation {

/// Bounding set, groups, user and the other sets, in the order that the kernel needs.
struct BecomeUser {
  User user{};
  bool set_groups = true;
  Capabilities capabilities{};
};
/// Enters the working directory, which is made where missing, and verifies that it lies inside the root.
struct EnterDirectory {
  std::string path{};
};
struct SetNoNewPrivileges {};
/// Installs a filter (seccomp(2)); the last thing before the gate.
struct InstallFilter {
  std::vector<std::uint64_t> program{};  ///< sock_filter instructions
  unsigned flags = 0;
};

Outcome run(const BecomeUser& step, Child& child) noexcept;
Outcome run(const EnterDirectory& step, Child& child) noexcept;
Outcome run(const SetNoNewPrivileges& step, Child& child) noexcept;
Outcome run(const InstallFilter& step, Child& child) noexcept;

}  // namespace vmtool::isolation
