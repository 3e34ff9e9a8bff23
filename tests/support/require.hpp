#pragma once
// What a test needs of its host: a missing need is a skip with its reason, or a failure where VMTOOL_REQUIRE names it.

#include <string>

namespace vmtool::tests {

/// The reason why `need` (root, mount, libvirt, tcg, qemu-img, cgroup2, fuse, userns, cell, podman, skopeo) is missing on this host; empty when it is there.
std::string reason_missing(const std::string& need);

/// Whether VMTOOL_REQUIRE (comma separated) names the need.
bool is_required(const std::string& need);

}  // namespace vmtool::tests

/// First line of a test body: VMTOOL_NEEDS("libvirt").
#define VMTOOL_NEEDS(need)                                                                               \
  do {                                                                                                   \
    const std::string vmtool_reason = ::vmtool::tests::reason_missing(need);                             \
    if (!vmtool_reason.empty()) {                                                                        \
      if (::vmtool::tests::is_required(need)) GTEST_FAIL() << need << " is required: " << vmtool_reason; \
      GTEST_SKIP() << need << ": " << vmtool_reason;                                                     \
    }                                                                                                    \
  } while (false)
