#pragma once
// The old content of what is about to be written, so that a disk that can't be thrown away can be brought back.
//
//   one line of JSON (the disks) \n | records: disk u32, offset u64, length u32, old bytes, new bytes | "END." | sha256 of all before
//
// Numbers have their least byte first. Only a complete file is ever restored: an incomplete one means that no disk was
// written to.

#include <string>
#include <vector>

#include "identity/block_device.hpp"
#include "identity/engine.hpp"
#include "identity/identity.hpp"

namespace vmtool::identity {

/// Neighbouring bytes of a disk, before and after.
struct UndoRun {
  std::size_t disk = 0;
  std::uint64_t offset = 0;  ///< on the disk
  std::vector<unsigned char> old_bytes;
  std::vector<unsigned char> new_bytes;
};

struct UndoFile {
  std::vector<Disk> disks;
  std::vector<UndoRun> runs;
};

/// The first line of an undo file.
std::string undo_header(const std::vector<Disk>& disks);

/// Writes the old content of `runs` after the header that stands in `file` already, and returns when it is on stable
/// storage. Throws what the devices throw, and SysError.
void write_undo(int file, const std::string& header, const std::vector<BlockDevice*>& devices,
                const std::vector<DiskRun>& runs);

/// Reads an undo file from its start; absent where it was never completed. Throws SysError.
std::optional<UndoFile> read_undo(int file);

/// Writes the old content back and flushes. Throws Error{conflict}, before anything is written, where a sector holds
/// neither the old nor the new content: somebody else has written to the disk since. Throws what the devices throw; may
/// then be called again.
void apply_undo(const std::vector<UndoRun>& runs, const std::vector<BlockDevice*>& devices);

}  // namespace vmtool::identity
