#pragma once
// The old content of what is about to be written, so that a disk that can't be thrown away can be brought back.
//
//   one line of JSON (the disks) \n | records: disk u32, offset u64, length u32, bytes | "END." | sha256 of all before
//
// Numbers have their least byte first. Only a complete file is ever restored: an incomplete one means that no disk was
// written to.

#include <string>
#include <vector>

#include "identity/block_device.hpp"
#include "identity/engine.hpp"
#include "identity/identity.hpp"

namespace vmtool::identity {

struct UndoFile {
  std::vector<Disk> disks;
  std::vector<DiskRun> runs;
};

/// The first line of an undo file.
std::string undo_header(const std::vector<Disk>& disks);

/// Writes the old content of `runs` after the header that stands in `file` already, and returns when it is on stable
/// storage. Throws what the devices throw, and SysError.
void write_undo(int file, const std::string& header, const std::vector<BlockDevice*>& devices, const std::vector<DiskRun>& runs);

/// Reads an undo file from its start; absent where it was never completed. Throws SysError.
std::optional<UndoFile> read_undo(int file);

/// Writes the old content back and flushes. Throws what the devices throw; may then be called again.
void apply_undo(const std::vector<DiskRun>& runs, const std::vector<BlockDevice*>& devices);

}  // namespace vmtool::identity
