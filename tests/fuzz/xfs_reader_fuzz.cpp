// A hostile XFS: reading it, and writing a file of it in place, ends in order whatever it holds.

#include <ext2fs/ext2fs.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "identity/xfs_fs.hpp"
#include "util/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace vmtool;

constexpr std::uint64_t disk_size = std::uint64_t{320} << 20;  // what the seed's superblock says
constexpr std::size_t sector = 512;
constexpr std::size_t inode_size = 512;
constexpr std::size_t checksum_at = 100;

// The input, and zeros behind it. Inodes get their checksum, which no mutation would find.
class SparseDisk final : public identity::BlockDevice {
 public:
  SparseDisk(const std::uint8_t* data, std::size_t size) : bytes_(data, data + size) {
    for (std::size_t at = 0; at + inode_size <= bytes_.size(); at += sector) {
      if (bytes_[at] == 'I' && bytes_[at + 1] == 'N') seal(&bytes_[at]);
    }
  }
  std::uint64_t size() const override { return disk_size; }
  void read(std::uint64_t offset, std::span<unsigned char> out) override {
    identity::require_range(offset, out.size(), size());
    std::fill(out.begin(), out.end(), static_cast<unsigned char>(0));
    if (offset >= bytes_.size()) return;
    const std::size_t part = std::min<std::size_t>(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), part, out.begin());
  }
  void write(std::uint64_t, std::span<const unsigned char>) override {}
  void flush() override {}

 private:
  static void seal(unsigned char* inode) {
    std::fill_n(inode + checksum_at, 4, static_cast<unsigned char>(0));
    const std::uint32_t sum = ~ext2fs_crc32c_le(~0u, inode, inode_size);
    for (unsigned i = 0; i < 4; ++i) inode[checksum_at + i] = static_cast<unsigned char>(sum >> (8 * i));
  }

  std::vector<unsigned char> bytes_;
};

void look_around(identity::XfsFs& fs, identity::Inode directory, int depth, int& left) {
  for (const std::string& name : fs.list(directory)) {
    if (--left < 0) return;
    try {
      const auto inode = fs.lookup(directory, name);
      if (!inode) continue;
      const identity::Attributes found = fs.attributes(*inode);
      if (found.kind == identity::Kind::directory && depth > 0) look_around(fs, *inode, depth - 1, left);
      if (found.kind == identity::Kind::symlink) fs.read(*inode, 4096);
      if (found.kind != identity::Kind::file) continue;
      fs.read(*inode, 1 << 16);
      fs.overwrite(*inode, "0123456789abcdef0123456789abcdef\n");
    } catch (const util::Error&) {
      // The next one may be whole.
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > std::size_t{1} << 20) return 0;
  SparseDisk disk(data, size);
  identity::StagedVolume volume(disk, 0, disk.size());
  try {
    identity::XfsFs fs(volume);
    fs.is_clean();
    int left = 200;
    look_around(fs, fs.root(), 3, left);
  } catch (const util::Error&) {
  }
  return 0;
}
