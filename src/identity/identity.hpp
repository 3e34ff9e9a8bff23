#pragma once
// The public face of the room: renewing, showing and restoring the identity of an installed system. The work is done
// by the helper program vmtool-identity, in a locked-down process of its own; what includes this header links none of
// the libraries that read disks.
//
//   vmtool ── request (JSON) ──► vmtool-identity ──► qemu-nbd, one per image that is not raw
//          ◄─ report  (JSON) ──       │    ▲ └─────► ssh-keygen, e2fsck
//                                     ▼    │ keys, report
//                                  worker: no_new_privs, rlimits, seccomp, no user; holds the connected disks only

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "identity/options.hpp"
#include "identity/report.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

/// An image file of a backing chain. The format is the one that the machine's definition states; it is never guessed.
struct Image {
  std::filesystem::path path;  ///< absolute
  std::string format;          ///< raw | qcow2 | qed | vdi | vpc | vhdx
};

/// A disk of the machine: its chain, the writable top first. Files that a header names and the chain does not are
/// refused, so that the caller decides where backing files may lie.
struct Disk {
  std::vector<Image> chain;
};

/// Who makes the edits of a disk.
enum class Way {
  automatic,  ///< from outside where that is possible, else by the micro-appliance
  offline,    ///< only from outside
  appliance,  ///< a small machine of a few seconds, in which the host's kernel mounts the disk
};

/// What to work on: all disks of one machine in their order there, or a directory.
struct Target {
  std::vector<Disk> disks{};
  std::filesystem::path directory{};  ///< where not empty: a root filesystem, or the upper layer of a container
  int root_disk = -1;                 ///< from 0; -1: look everywhere
  int root_partition = -1;            ///< number in the partition table; 0: the whole disk; -1: look everywhere
  Way way = Way::automatic;           ///< of disks
};

struct Request {
  Target target;
  Options options;
  /// Where not empty: the old content of everything that is written goes into this new file, on stable storage, before
  /// the first write. Remove it when the result is wanted; restore() brings the disks back to it. A journal that was not
  /// replayed is replayed before, as any mount would do.
  std::filesystem::path undo_file{};
};

/// Renews the identity. Throws OnlyByAppliance, and util::Error: not_found where there is no system that can be edited, conflict where a disk
/// is in use or the guest must not be cloned so, unavailable where the host lacks a program or a feature; each
/// with the next step. Unless the message says otherwise, nothing was written.
Report renew(const Request& request);

/// One command of the guest agent and its answer, both JSON; throws where there is none.
using AgentCall = std::function<std::string(const std::string& command)>;

/// Renews the identity of a guest that runs, by scripts that its guest agent starts there: one reads, one writes everything or nothing,
/// and the first one again compares. Nothing of the guest's own data is read by a library here. Services take the new values
/// when they start next. Throws what the agent's call throws, what make_plan throws, Error{io} where a script fails.
Report renew_running(const AgentCall& agent, const Options& options);

/// Thrown by renew() with an undo file, before anything is changed: only the micro-appliance can edit this guest, and what a kernel
/// writes can't be brought back page by page.
class OnlyByAppliance : public util::Error {
 public:
  using util::Error::Error;
};

/// What renew() would do, without the values that it would choose; nothing is written, and the disks may be in use.
Report show(const Target& target, const Options& options);

/// Brings the disks back to what they were before the renew() that wrote `undo_file`, and removes the file. An undo file
/// that was never completed means that nothing was written to the disks: it is only removed. Throws Error{conflict} where the
/// disks were written to by others since.
void restore(const std::filesystem::path& undo_file);

/// The helper program vmtool-identity. Throws as util::find_helper().
std::filesystem::path find_helper();

}  // namespace vmtool::identity
