#pragma once
// The process that reads the guest's disk: locked down, holding descriptors only.

#include <vector>

#include "identity/channel.hpp"
#include "identity/lock_down.hpp"
#include "util/fd.hpp"

namespace vmtool::identity {

/// A disk as the worker gets it.
struct OpenDisk {
  enum class Kind { file, nbd };
  Kind kind = Kind::file;
  util::Fd descriptor;
};

struct WorkerInput {
  Job job;
  std::vector<OpenDisk> disks;
  util::Fd directory;  ///< instead of disks
  util::Fd undo_file;  ///< none, or open for writing after its header (renew), or for reading (restore)
};

/// Does the job and sends its end: {"report", "fsckAfter"}, {"needsFsck"}, {"needsAppliance"} or {"error"}. Asks for keys by
/// {"keys", "comment"} and waits for them. To be called in a process of its own; returns its exit code.
int run_worker(WorkerInput input, Channel channel) noexcept;

}  // namespace vmtool::identity
