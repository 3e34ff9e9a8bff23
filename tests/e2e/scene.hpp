#pragma once
// A test's stage: objects whose names start with `vt-e2e-`, on a network of their own, removed before and after.

#include <gtest/gtest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/host_state.hpp"
#include "tests/support/require.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/vmtool_program.hpp"

namespace vmtool::tests {

inline constexpr const char* prefix = "vt-e2e-";

/// A NAT network 'vt-e2e-net' on 10.231.77.0/24, bridge vte2e0, with DHCP from .100 to .199.
inline const std::string network_yaml = R"(kind: Network
name: vt-e2e-net
bridge: {name: vte2e0}
addresses:
  - address: 10.231.77.1/24
    dhcp: {ranges: [{start: 10.231.77.100, end: 10.231.77.199}]}
)";

/// A machine without disks and interfaces.
inline std::string bare_machine(const std::string& name, const std::string& more = {}) {
  return "kind: VirtualMachine\nname: " + name + "\ndomainType: qemu\nmemory: {size: 64MiB}\n" + more;
}

class Scene : public testing::Test {
 protected:
  void SetUp() override {
    VMTOOL_NEEDS("libvirt");
    ensure_default_pool();
    remove_objects(prefix);
    before_ = take_host_state();
  }
  void TearDown() override {
    if (!IsSkipped()) remove_objects(prefix);
  }

  /// `vmtool define -f -` of the text; its failure fails the test.
  static void define(const std::string& yaml) {
    const auto result = vmtool({"define", "-f", "-"}, yaml);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result) << yaml;
  }
  /// The standard output of `vmtool ARGS -o json`.
  static nlohmann::json json_of(std::vector<std::string> args) {
    args.insert(args.end(), {"-o", "json"});
    const auto result = vmtool(args);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
    return nlohmann::json::parse(result.out, nullptr, false);
  }
  /// The host as it was before the test.
  const HostState& before() const { return before_; }

  TempDir dir_;

 private:
  HostState before_;
};

/// How many complaints a standard error holds.
inline int count_errors(const std::string& text) {
  int count = 0;
  for (std::size_t at = text.find("error: "); at != std::string::npos; at = text.find("error: ", at + 1)) ++count;
  return count;
}

}  // namespace vmtool::tests
