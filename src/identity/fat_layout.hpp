#pragma once
// FAT12, FAT16 and FAT32 as they lie on a volume (Microsoft's "FAT: General Overview of On-Disk Format", 1.03).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "identity/staged_volume.hpp"

namespace vmtool::identity {

/// A name in a directory.
struct FatEntry {
  std::string name;  ///< the long one where there is one
  bool is_directory = false;
  std::uint32_t first_cluster = 0;
  std::uint32_t size = 0;  ///< bytes; 0 for a directory
};

/// Reads what the boot sector says, and follows chains of clusters.
class FatLayout {
 public:
  /// Throws Error{invalid_input} where it is no FAT filesystem. The volume must outlive the object.
  explicit FatLayout(StagedVolume& volume);

  /// Names of a directory, volume labels and deleted ones left out; absent: the root.
  std::vector<FatEntry> list(const std::optional<FatEntry>& directory);
  /// The bytes of the volume that hold `length` bytes of a chain, in pieces. Throws Error{io} where the chain is shorter or loops.
  struct Piece {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  std::vector<Piece> pieces(std::uint32_t first_cluster, std::uint64_t length);

 private:
  std::uint32_t next_of(std::uint32_t cluster);
  std::vector<unsigned char> directory_bytes(const std::optional<FatEntry>& directory);
  std::uint64_t offset_of(std::uint32_t cluster) const;

  StagedVolume& volume_;
  std::uint32_t cluster_size_ = 0;
  std::uint32_t clusters_ = 0;
  std::uint64_t table_ = 0;
  std::uint64_t root_ = 0;
  std::uint64_t root_length_ = 0;  ///< 0: the root is a chain (FAT32)
  std::uint32_t root_cluster_ = 0;
  std::uint64_t data_ = 0;
  int bits_ = 16;
};

}  // namespace vmtool::identity
