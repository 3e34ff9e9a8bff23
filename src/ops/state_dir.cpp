#include "ops/state_dir.hpp"

#include <unistd.h>

#include <cstdlib>

namespace vmtool::ops {
namespace {

std::filesystem::path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

}  // namespace

std::filesystem::path state_dir() {
  if (const auto given = from_environment("VMTOOL_STATE_DIR"); given.is_absolute()) return given;
  if (::geteuid() == 0) return "/var/lib/vmtool";
  // A relative one is to be ignored, says the specification.
  if (const auto state = from_environment("XDG_STATE_HOME"); state.is_absolute()) return state / "vmtool";
  return from_environment("HOME") / ".local/state/vmtool";
}

std::filesystem::path run_dir() {
  if (const auto given = from_environment("VMTOOL_RUN_DIR"); given.is_absolute()) return given;
  const auto user = from_environment("XDG_RUNTIME_DIR");
  if (::geteuid() != 0 && user.is_absolute()) return user / "vmtool";
  return "/run/vmtool";
}

}  // namespace vmtool::ops
