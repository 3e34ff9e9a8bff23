#include "identity/nbd_device.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

// The protocol lets a server refuse more than 32 MiB in one request.
constexpr std::size_t largest_request = std::size_t{8} << 20;
constexpr std::uint64_t chunk_size = 64 * 1024;
constexpr std::size_t most_chunks = 512;

void require_nbd(int result, const char* what) {
  if (result != -1) return;
  const char* cause = nbd_get_error();
  throw util::Error(util::Errc::io, fmt::format("{}: {}", what, cause != nullptr ? cause : "unknown cause"));
}

}  // namespace

NbdDevice::NbdDevice(util::Fd socket) : handle_(nbd_create()) {
  if (!handle_) require_nbd(-1, "preparing the connection to qemu-nbd");
  require_nbd(nbd_connect_socket(handle_.get(), socket.release()), "connecting to qemu-nbd");
  const std::int64_t size = nbd_get_size(handle_.get());
  require_nbd(size < 0 ? -1 : 0, "asking qemu-nbd for the size of the disk");
  size_ = static_cast<std::uint64_t>(size);
}

NbdDevice::~NbdDevice() { nbd_shutdown(handle_.get(), 0); }

// A filesystem is read in pieces of one block, each a round trip of its own; neighbours are wanted soon after.
const NbdDevice::Chunk& NbdDevice::chunk(std::uint64_t index) {
  const auto known = chunks_.find(index);
  if (known != chunks_.end()) return known->second;
  if (chunks_.size() == most_chunks) chunks_.clear();
  const std::uint64_t offset = index * chunk_size;
  Chunk bytes(static_cast<std::size_t>(std::min(chunk_size, size_ - offset)));
  require_nbd(nbd_pread(handle_.get(), bytes.data(), bytes.size(), offset, 0), "reading the disk");
  return chunks_.emplace(index, std::move(bytes)).first->second;
}

void NbdDevice::read(std::uint64_t offset, std::span<unsigned char> out) {
  require_range(offset, out.size(), size_);
  while (!out.empty()) {
    const Chunk& bytes = chunk(offset / chunk_size);
    const auto start = static_cast<std::size_t>(offset % chunk_size);
    const std::size_t part = std::min(out.size(), bytes.size() - start);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(start), part, out.begin());
    offset += part;
    out = out.subspan(part);
  }
}

void NbdDevice::write(std::uint64_t offset, std::span<const unsigned char> data) {
  require_range(offset, data.size(), size_);
  chunks_.clear();
  while (!data.empty()) {
    const std::size_t part = std::min(data.size(), largest_request);
    require_nbd(nbd_pwrite(handle_.get(), data.data(), part, offset, 0), "writing the disk");
    offset += part;
    data = data.subspan(part);
  }
}

void NbdDevice::flush() { require_nbd(nbd_flush(handle_.get(), 0), "flushing the disk"); }

}  // namespace vmtool::identity
