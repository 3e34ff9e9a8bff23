#pragma once
// QEMU's image lock for a raw file that is opened without QEMU.

namespace vmtool::identity {

/// Takes the lock that QEMU takes for a disk that it writes to and that nobody else may write to (open file description
/// locks on the bytes from 100 and 200 on; block/file-posix.c of QEMU). It is held as long as the file is open. Throws
/// Error{conflict} where a running machine has the file open.
void lock_image(int descriptor);

}  // namespace vmtool::identity
