#pragma once
// SHA-256 (FIPS 180-4).

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace vmtool::util {

using Digest = std::array<unsigned char, 32>;

/// The SHA-256 of `data`.
Digest sha256(std::string_view data);

/// The SHA-256 of `data` as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view data);

/// A SHA-256 of data that comes in parts.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view data);
  /// Of everything so far, as hexadecimal digits; call it once, at the end.
  std::string finish_hex();

 private:
  alignas(8) std::array<std::byte, 256> context_{};  // libmd's own, whose header stays in the .cpp
};

/// The SHA-256 of what the open file holds from its current offset on, as hexadecimal digits. Throws SysError.
std::string sha256_hex_of_file(int descriptor);

}  // namespace vmtool::util
