#include "images/store_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::images {

StoreLock::StoreLock(const std::filesystem::path& file, Kind kind) : file_(util::open_file(file, O_RDWR | O_CREAT, 0600)) {
  while (::flock(file_.get(), kind == Kind::shared ? LOCK_SH : LOCK_EX) != 0) {
    if (errno != EINTR) throw util::SysError(errno, fmt::format("locking '{}'", file.native()));
  }
}

std::optional<StoreLock> StoreLock::try_exclusive(const std::filesystem::path& file) {
  util::Fd opened = util::open_file(file, O_RDWR | O_CREAT, 0600);
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) == 0) return StoreLock(std::move(opened));
  if (errno != EWOULDBLOCK && errno != EINTR) throw util::SysError(errno, fmt::format("locking '{}'", file.native()));
  return std::nullopt;
}

}  // namespace vmtool::images
