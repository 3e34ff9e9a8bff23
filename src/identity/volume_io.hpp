#pragma once
// libext2fs's view of a StagedVolume.

#include <ext2fs/ext2fs.h>

#include <string>

#include "identity/staged_volume.hpp"

namespace vmtool::identity {

/// The io_manager through which libext2fs reads and writes staged volumes; it has no state of its own.
io_manager volume_io_manager();

/// The "device name" to open `volume` with: the address of the volume as text, since the C interface hands nothing
/// else to its open function. The volume must outlive the filesystem.
std::string volume_io_name(StagedVolume& volume);

}  // namespace vmtool::identity
