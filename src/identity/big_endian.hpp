#pragma once
// Big-endian numbers out of blocks that nobody vouches for.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vmtool::identity {

/// A view of bytes; it lives no longer than they do.
class BigEndian {
 public:
  explicit BigEndian(std::span<const unsigned char> bytes) : bytes_(bytes) {}

  std::size_t size() const noexcept { return bytes_.size(); }
  /// These throw Error{io} past the end.
  std::uint64_t number(std::size_t at, std::size_t width) const;
  std::uint8_t u8(std::size_t at) const { return static_cast<std::uint8_t>(number(at, 1)); }
  std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
  std::uint32_t u32(std::size_t at) const { return static_cast<std::uint32_t>(number(at, 4)); }
  std::uint64_t u64(std::size_t at) const { return number(at, 8); }
  std::string text(std::size_t at, std::size_t length) const;
  BigEndian part(std::size_t at, std::size_t length) const;

 private:
  std::span<const unsigned char> bytes_;
};

}  // namespace vmtool::identity
