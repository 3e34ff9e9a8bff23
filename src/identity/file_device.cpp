#include "identity/file_device.hpp"

#include <unistd.h>

#include <cerrno>

#include "util/error.hpp"

namespace vmtool::identity {

FileDevice::FileDevice(util::Fd file) : file_(std::move(file)) {
  // lseek also tells the size of a block device, where fstat says 0.
  const off_t end = ::lseek(file_.get(), 0, SEEK_END);
  if (end < 0) throw util::SysError(errno, "finding the size of a disk");
  size_ = static_cast<std::uint64_t>(end);
}

void FileDevice::read(std::uint64_t offset, std::span<unsigned char> out) {
  require_range(offset, out.size(), size_);
  while (!out.empty()) {
    const ssize_t got = ::pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw util::SysError(errno, "reading a disk");
    if (got == 0) throw util::Error(util::Errc::io, "the disk became shorter while it was read");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

void FileDevice::write(std::uint64_t offset, std::span<const unsigned char> data) {
  require_range(offset, data.size(), size_);
  while (!data.empty()) {
    const ssize_t put = ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw util::SysError(errno, "writing a disk");
    offset += static_cast<std::uint64_t>(put);
    data = data.subspan(static_cast<std::size_t>(put));
  }
}

void FileDevice::flush() {
  if (::fdatasync(file_.get()) != 0) throw util::SysError(errno, "flushing a disk");
}

}  // namespace vmtool::identity
