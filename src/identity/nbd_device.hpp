#pragma once
// A disk behind an NBD server (libnbd), for every image format that QEMU reads.

#include <libnbd.h>

#include <map>
#include <vector>

#include "identity/block_device.hpp"
#include "util/fd.hpp"
#include "util/handle.hpp"

namespace vmtool::identity {

/// Speaks NBD over a connected socket; the destructor ends the session in order.
class NbdDevice final : public BlockDevice {
 public:
  /// Handshake. Throws Error{io} with libnbd's words.
  explicit NbdDevice(util::Fd socket);
  NbdDevice(const NbdDevice&) = delete;
  NbdDevice& operator=(const NbdDevice&) = delete;
  ~NbdDevice() override;

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<unsigned char> out) override;
  void write(std::uint64_t offset, std::span<const unsigned char> data) override;
  void flush() override;

 private:
  using Chunk = std::vector<unsigned char>;
  const Chunk& chunk(std::uint64_t index);

  util::Handle<nbd_handle, nbd_close> handle_;
  std::uint64_t size_ = 0;
  std::map<std::uint64_t, Chunk> chunks_;  ///< what was read lately; the image lock keeps others from changing it
};

}  // namespace vmtool::identity
