#pragma once
// A raw image file or a host device as a disk.

#include "identity/block_device.hpp"
#include "util/fd.hpp"

namespace vmtool::identity {

/// Owns a descriptor open for reading and writing.
class FileDevice final : public BlockDevice {
 public:
  /// Throws SysError where the size can't be found.
  explicit FileDevice(util::Fd file);

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<unsigned char> out) override;
  void write(std::uint64_t offset, std::span<const unsigned char> data) override;
  void flush() override;

 private:
  util::Fd file_;
  std::uint64_t size_ = 0;
};

}  // namespace vmtool::identity
