#include "storage/copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "storage/pending_file.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"

namespace vmtool::storage {
namespace {

constexpr std::uint64_t piece = 16 << 20;  // copied between two reports
constexpr std::uint64_t buffer_size = 1 << 20;

class SparseCopy {
 public:
  SparseCopy(int from, int to, std::uint64_t size, std::string doing)
      : from_(from), to_(to), size_(size), doing_(std::move(doing)) {}

  void run(const Progress& progress) {
    if (::ftruncate(to_, static_cast<off_t>(size_)) != 0) throw util::SysError(errno, doing_);
    std::uint64_t position = 0;
    while (position < size_) {
      position = next(SEEK_DATA, position);
      const std::uint64_t end = next(SEEK_HOLE, position);
      while (position < end) {
        const std::uint64_t length = std::min(piece, end - position);
        copy(position, length);
        position += length;
        if (progress && position < size_) progress(position, size_);
      }
    }
    if (progress) progress(size_, size_);
  }

 private:
  std::uint64_t next(int whence, std::uint64_t position) const {
    if (position >= size_) return size_;
    const off_t found = ::lseek(from_, static_cast<off_t>(position), whence);
    if (found >= 0) return std::min(static_cast<std::uint64_t>(found), size_);
    if (errno == ENXIO) return size_;
    if (errno != EINVAL) throw util::SysError(errno, doing_);
    // A file system that knows no holes.
    return whence == SEEK_DATA ? position : size_;
  }

  void copy(std::uint64_t position, std::uint64_t length) {
    while (in_kernel_ && length > 0) {
      auto in = static_cast<off_t>(position);
      auto out = in;
      const ssize_t copied = ::copy_file_range(from_, &in, to_, &out, length, 0);
      if (copied < 0) {
        if (errno == EINTR) continue;
        if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
          throw util::SysError(errno, doing_);
        in_kernel_ = false;
        break;
      }
      if (copied == 0) throw shrunk();
      position += static_cast<std::uint64_t>(copied);
      length -= static_cast<std::uint64_t>(copied);
    }
    if (length > 0) copy_by_hand(position, length);
  }

  void copy_by_hand(std::uint64_t position, std::uint64_t length) {
    buffer_.resize(buffer_size);
    while (length > 0) {
      const ssize_t got = ::pread(from_, buffer_.data(), std::min(length, buffer_size), static_cast<off_t>(position));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw util::SysError(errno, doing_);
      if (got == 0) throw shrunk();
      for (ssize_t done = 0; done < got;) {
        const ssize_t put = ::pwrite(to_, buffer_.data() + done, static_cast<std::size_t>(got - done),
                                     static_cast<off_t>(position) + done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw util::SysError(errno, doing_);
        done += put;
      }
      position += static_cast<std::uint64_t>(got);
      length -= static_cast<std::uint64_t>(got);
    }
  }

  util::Error shrunk() const { return {util::Errc::io, doing_ + ": the source became shorter meanwhile"}; }

  int from_;
  int to_;
  std::uint64_t size_;
  std::string doing_;
  bool in_kernel_ = true;
  std::vector<char> buffer_;
};

}  // namespace

bool can_reflink(const std::filesystem::path& source, const std::filesystem::path& folder) {
  const util::Fd from(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const util::Fd to(::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
  return from && to && ::ioctl(to.get(), FICLONE, from.get()) == 0;
}

CopyWay copy_file(const std::filesystem::path& source, const std::filesystem::path& target, Reflink reflink,
                  const Progress& progress) {
  const std::string doing = fmt::format("copying '{}' to '{}'", source.native(), target.native());
  const util::Fd from = util::open_file(source, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (::fstat(from.get(), &status) != 0) throw util::SysError(errno, doing);
  if (!S_ISREG(status.st_mode)) throw util::Error(util::Errc::invalid_input, doing + ": the source is no regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);

  PendingFile pending(target, PendingFile::Name::none);
  if (reflink != Reflink::never) {
    if (::ioctl(pending.descriptor(), FICLONE, from.get()) == 0) {
      pending.commit();
      if (progress) progress(size, size);
      return CopyWay::reflink;
    }
    const bool unable = errno == EOPNOTSUPP || errno == EXDEV || errno == EINVAL || errno == ENOTTY || errno == ENOSYS;
    if (!unable) throw util::SysError(errno, doing);
    if (reflink == Reflink::required) {
      throw util::Error(util::Errc::unavailable, doing + ": the file system can't share blocks between files")
          .hint("reflinks need XFS or btrfs, and both files on one file system");
    }
  }
  SparseCopy(from.get(), pending.descriptor(), size, doing).run(progress);
  pending.commit();
  return CopyWay::sparse;
}

}  // namespace vmtool::storage
