#pragma once
// The way back of a renewal that a kernel writes, which no list of pages can take back: it writes to overlays, and only when all is well do
// these go into the disks.
//
//   journal/identity-NAME.redo/disk0.qcow2 …: the overlays
//   journal/identity-NAME.redo/ready: their chains; from here on the renewal is finished, by this run or by recover

#include <filesystem>

#include "identity/identity.hpp"

namespace vmtool::ops {

class ResetRedo {
 public:
  /// Makes an overlay for each disk. Throws Error{io} with qemu-img's words.
  ResetRedo(const std::filesystem::path& directory, const identity::Target& target);

  /// The same machine on the overlays.
  const identity::Target& target() const noexcept { return target_; }
  /// On stable storage: from now on finish_redo() has to come to its end.
  void make_ready() const;

 private:
  std::filesystem::path directory_;
  identity::Target target_;
};

/// Writes the overlays into the disks if they were ready, and removes the directory. May be run again after it was killed.
/// Throws Error{io} where a disk can't be written.
void finish_redo(const std::filesystem::path& directory);

}  // namespace vmtool::ops
