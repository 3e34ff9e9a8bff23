#pragma once
// e2fsck on a filesystem inside an image: replays a journal, and brings quota files up to date.

#include <cstdint>

#include "identity/identity.hpp"

namespace vmtool::identity {

/// What has to be done: a journal is replayed at once; usage files are compared with every inode.
enum class Check { journal, everything };

/// Runs `e2fsck -p` (for everything: `-fp`) on the filesystem at `offset` bytes of the disk. A raw image is read directly, under QEMU's image
/// lock; any other through a FUSE export of qemu-storage-daemon in mount and process namespaces of its own, which end
/// with the calling process, whatever ends it. The calling process must have one thread only. Throws Error{conflict} where
/// e2fsck could not repair the filesystem or the image is in use, Error{unavailable} where the host has no FUSE.
void check_filesystem(const Disk& disk, std::uint64_t offset, Check check);

}  // namespace vmtool::identity
