#pragma once
// The bytes of a file after its compression (gzip, zstd, xz, bzip2 or none), counted and bounded.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "util/digest.hpp"

namespace vmtool::images {

/// The most bytes that a compressed file of `size` bytes may become: 200 times as many, at least 1 GiB, at most 256 GiB.
std::uint64_t decoded_limit(std::uint64_t size);

/// Loads libarchive, which must be done before the process loses sight of the host's files. Throws Error{unavailable}.
void load_decoders();

class DecodedStream {
 public:
  /// Called with the number of bytes that were read from the file so far.
  using Progress = std::function<void(std::uint64_t)>;

  /// Reads from the current offset of an open file, which stays the caller's.
  DecodedStream(int descriptor, std::uint64_t limit, Progress progress);
  DecodedStream(const DecodedStream&) = delete;
  DecodedStream& operator=(const DecodedStream&) = delete;
  ~DecodedStream();

  /// The next bytes, valid until the next call; none at the end. Throws Error{invalid_input} where the compression is damaged or
  /// more than `limit` bytes come out, SysError.
  std::span<const char> read();
  /// Reads to the end, and returns the sha256 of all that came out.
  std::string finish();

 private:
  struct Reader;
  std::unique_ptr<Reader> reader_;
  std::uint64_t left_;
  util::Sha256 digest_;
  std::vector<char> buffer_;
};

}  // namespace vmtool::images
