#pragma once
// Copies of local files that stay as small as they are.

#include <cstdint>
#include <filesystem>
#include <functional>

namespace vmtool::storage {

/// Called with bytes done of bytes in all, the last time with both equal; what it throws ends the work and undoes it.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Whether the copy may, or must, share its blocks with the source (ioctl_ficlonerange(2)).
enum class Reflink { never, if_possible, required };
/// How a copy was made.
enum class CopyWay {
  reflink,  ///< shares its blocks, at once
  sparse,   ///< data copied, holes left out (lseek(2) SEEK_DATA)
};

/// Whether a copy of `source` in `folder` could share its blocks: tried on a file without a name.
bool can_reflink(const std::filesystem::path& source, const std::filesystem::path& folder);

/// Copies a regular file to a name that is free, mode 0600, not synchronised to the disk. The name appears when the
/// copy is complete; on a failure, and where the process is killed, nothing is left (on file systems that know files without
/// names, open(2) O_TMPFILE). Throws SysError, Error{conflict} where `target` exists, and
/// Error{unavailable} where a reflink is required and the file system can't make one.
CopyWay copy_file(const std::filesystem::path& source, const std::filesystem::path& target, Reflink reflink,
                  const Progress& progress);

}  // namespace vmtool::storage
