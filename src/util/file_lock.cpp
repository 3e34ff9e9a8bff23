#include "util/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::util {

FileLock::FileLock(const std::filesystem::path& file, Kind kind) : file_(open_file(file, O_RDWR | O_CREAT, 0600)) {
  while (::flock(file_.get(), kind == Kind::shared ? LOCK_SH : LOCK_EX) != 0) {
    if (errno != EINTR) throw SysError(errno, fmt::format("locking '{}'", file.native()));
  }
}

std::optional<FileLock> FileLock::try_exclusive(const std::filesystem::path& file) {
  Fd opened = open_file(file, O_RDWR | O_CREAT, 0600);
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0) return FileLock(std::move(opened));
  if (errno != EWOULDBLOCK && errno != EINTR) throw SysError(errno, fmt::format("locking '{}'", file.native()));
  return std::nullopt;
}

}  // namespace vmtool::util
