#pragma once
// The entries of a tar archive (ustar, pax, GNU), as values.

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <time.h>

#include "images/decoded_stream.hpp"

namespace vmtool::images {

struct TarEntry {
  enum class Type { file, directory, symlink, hardlink, character_device, block_device, fifo, other };
  Type type = Type::file;
  std::string path;    ///< as the archive has it, byte by byte
  std::string target;  ///< of a symlink or a hardlink
  mode_t mode = 0;     ///< permission bits, set-user-id and its like
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t size = 0;
  timespec modified{};
  dev_t device = 0;
  std::vector<std::pair<std::string, std::string>> xattrs;
};

/// A part of a file's content; what lies between two parts is a hole.
struct TarBlock {
  std::int64_t offset = 0;
  std::span<const char> data;
};

class TarReader {
 public:
  /// Reads through `stream`, which must live longer. The names are taken byte by byte where the process has the locale "C".
  explicit TarReader(DecodedStream& stream);
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;
  ~TarReader();

  /// Absent at the end. Throws Error{invalid_input} where this is no tar archive or it is damaged, and what the stream throws.
  std::optional<TarEntry> next();
  /// The next part of the content of the entry; absent at its end. Throws as next().
  std::optional<TarBlock> next_block();

 private:
  struct Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace vmtool::images
