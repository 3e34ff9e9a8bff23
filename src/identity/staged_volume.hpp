#pragma once
// A part of a disk whose writes stay in memory until all of them are known to be right.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "identity/block_device.hpp"

namespace vmtool::identity {

/// Bytes [offset, offset + size) of a device: a partition, a logical volume, or all of it. Reads see the staged
/// writes; the device sees nothing before commit().
class StagedVolume {
 public:
  static constexpr std::size_t page_size = 4096;
  /// A run of neighbouring pages as it will be written; `offset` counts from the start of the device.
  struct Run {
    std::uint64_t offset = 0;
    std::vector<unsigned char> bytes;
  };

  /// Throws Error{io} where the range is not within the device, which must outlive the volume.
  StagedVolume(BlockDevice& device, std::uint64_t offset, std::uint64_t size);

  BlockDevice& device() noexcept { return device_; }
  std::uint64_t offset() const noexcept { return offset_; }
  std::uint64_t size() const noexcept { return size_; }
  /// Throws Error{io} beyond the end, and what the device throws.
  void read(std::uint64_t offset, std::span<unsigned char> out);
  /// Stages bytes. Throws Error{io} beyond the end of the volume, and where the edits grow past 64 MiB.
  void write(std::uint64_t offset, std::span<const unsigned char> data);
  /// What commit() would write: only pages whose content really changes, in ascending order.
  std::vector<Run> changes();
  /// Writes the changes and flushes the device. After a throw the device may hold a part of them.
  void commit();

 private:
  using Page = std::array<unsigned char, page_size>;
  std::size_t page_length(std::uint64_t index) const;
  void load(std::uint64_t index, std::span<unsigned char> out);

  BlockDevice& device_;
  std::uint64_t offset_;
  std::uint64_t size_;
  std::map<std::uint64_t, Page> pages_;
};

}  // namespace vmtool::identity
