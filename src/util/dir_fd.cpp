#include "util/dir_fd.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::util {

Fd DirFd::open(const std::string& path, std::uint64_t flags, mode_t mode) const {
  open_how how{};
  how.flags = flags | O_CLOEXEC | O_NOFOLLOW;
  how.mode = mode;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const std::string name = path.empty() ? "." : path;
  for (;;) {
    Fd file(static_cast<int>(::syscall(SYS_openat2, directory_.get(), name.c_str(), &how, sizeof how)));
    if (file) return file;
    if (errno != EINTR && errno != EAGAIN) throw SysError(errno, fmt::format("opening '{}'", printable(path)));
  }
}

DirFd open_dir(const std::string& path) { return DirFd(open_file(path, O_RDONLY | O_DIRECTORY)); }

}  // namespace vmtool::util
