#pragma once
// The engine's face: a container from its spec to its removal. Nothing here prints; failures are util::Error with the
// step they happened in.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "isolation/container_cgroup.hpp"
#include "isolation/launch.hpp"
#include "isolation/spec.hpp"
#include "isolation/state.hpp"

namespace vmtool::isolation {

/// Where and how containers are kept and launched.
struct Engine {
  std::string state_root = "/run/isolate";
  std::string cgroup_base = "/sys/fs/cgroup";
  CgroupManager cgroups = CgroupManager::filesystem;
};

struct CreateOptions {
  enum class Start { deferred, at_once };
  Start start = Start::at_once;
  bool outlives_launcher = false;  ///< at_once: the container lives on when this process ends
  bool pivot = true;
  bool classic_mounts = false;
  unsigned preserved_descriptors = 0;
  std::string document{};  ///< kept beside the state; State text and hooks are made from it
  StateText state_text{};
  std::function<void(util::Fd)> on_console{};
};

struct ExecOptions {
  bool outlives_launcher = false;
  unsigned preserved_descriptors = 0;
  std::function<void(util::Fd)> on_console{};
};

/// How a process of a container ended.
struct Ending {
  int exit_code = 0;  ///< 128+n for a signal n
  bool out_of_memory = false;
};

class Container {
 public:
  /// Makes and launches it. On a failure nothing of it stays. Throws Error; CommandError for the command itself.
  static Container create(const Engine& engine, const Spec& spec, const CreateOptions& options);
  /// Finds one again. Throws Error{not_found}.
  static Container open(const Engine& engine, const std::string& id,
                        StateDirectory::Lock lock = StateDirectory::Lock::shared);

  const State& state() const noexcept { return state_; }
  const std::string& directory() const noexcept { return files_.path(); }
  std::string document() const { return files_.read_document(); }
  const Cgroup& cgroup() const noexcept { return cgroup_; }
  /// pidfd of its first process; only of a container that this object launched.
  int process() const noexcept { return process_.get(); }

  Status status() const;
  /// Starts a created container and hears whether its program could be executed. Throws Error{conflict}, CommandError.
  void start();
  /// Waits for the first process, which must be a child of this one.
  Ending wait();
  /// Whether the kernel has killed a process of it for memory, as far as anybody still knows.
  bool ran_out_of_memory() const;
  /// Sends a signal to the first process, or to all. Throws Error{conflict} where it does not run.
  enum class Whom { first, all };
  void kill(int signal, Whom whom = Whom::first);
  void pause();
  void resume();
  /// Changes limits of a container. Throws Error.
  void update(const Resources& resources);
  /// Runs a further process. `spec` is what the container was made from.
  Launched exec(const Spec& spec, const Process& process, const ExecOptions& options);
  /// Removes everything that is left of it; a running one is killed before only with `Force::yes`.
  enum class Force { no, yes };
  void remove(Force force);

 private:
  Container(Engine engine, StateDirectory files) : engine_(std::move(engine)), files_(std::move(files)) {}
  void launch_first(const Spec& spec, const CreateOptions& options);
  void discard() noexcept;

  Engine engine_;
  StateDirectory files_;
  State state_{};
  Cgroup cgroup_{};
  util::Fd process_{};
};

/// How `pid`, a child, ended. Throws SysError.
int wait_for(pid_t pid);

}  // namespace vmtool::isolation
