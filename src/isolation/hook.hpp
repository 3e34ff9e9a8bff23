#pragma once
// OCI hooks: programs that are run at points of a container's life with its state on standard input.

#include <functional>
#include <string>
#include <vector>

#include "isolation/child.hpp"
#include "isolation/failure.hpp"
#include "isolation/spec.hpp"

namespace vmtool::isolation {

/// The OCI state of the container as JSON, for a process id and a status word.
using StateText = std::function<std::string(int pid, const char* status)>;

/// Runs one hook: absolute path, only its own environment. {ETIMEDOUT} past its timeout; {ECANCELED} for a code other than 0.
Outcome run_hook(const Hook& hook, const std::string& state) noexcept;

/// Runs hooks in order from the launcher. Throws Error that names the hook.
void run_hooks(const std::vector<Hook>& hooks, const char* kind, const std::string& state);

/// Runs hooks in the child, inside its namespaces.
struct RunHooks {
  std::vector<Hook> hooks{};
  StateText state{};
  const char* status = "creating";
};
Outcome run(const RunHooks& step, Child& child) noexcept;

}  // namespace vmtool::isolation
