#pragma once
// A disk as a row of bytes, whatever holds it.

#include <cstddef>
#include <cstdint>
#include <span>

namespace vmtool::identity {

/// What partition tables, LVM and disks count in; bytes.
inline constexpr std::size_t sector_size = 512;

/// A disk that is open for the whole life of the object. Every call throws util::Error where the disk refuses it, and
/// Error{io} for a range beyond the end.
class BlockDevice {
 public:
  virtual ~BlockDevice() = default;
  /// In bytes.
  virtual std::uint64_t size() const = 0;
  /// Fills `out` from `offset` on.
  virtual void read(std::uint64_t offset, std::span<unsigned char> out) = 0;
  /// Replaces the bytes from `offset` on; the disk never grows.
  virtual void write(std::uint64_t offset, std::span<const unsigned char> data) = 0;
  /// Returns when everything written is on stable storage.
  virtual void flush() = 0;
};

/// Throws Error{io} unless [offset, offset + length) lies within `size`.
void require_range(std::uint64_t offset, std::uint64_t length, std::uint64_t size);

}  // namespace vmtool::identity
