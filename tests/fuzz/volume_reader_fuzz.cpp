// Hostile partitions: whatever a disk says of its LVM volumes or of its FAT filesystem, reading it ends in order.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "identity/fat_fs.hpp"
#include "identity/lvm.hpp"
#include "util/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace vmtool;

class MemoryDisk final : public identity::BlockDevice {
 public:
  explicit MemoryDisk(std::vector<unsigned char> bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<unsigned char> out) override {
    identity::require_range(offset, out.size(), size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  void write(std::uint64_t, std::span<const unsigned char>) override {}
  void flush() override {}

 private:
  std::vector<unsigned char> bytes_;
};

template <class F>
void attempt(F&& f) {
  try {
    f();
  } catch (const util::Error&) {
    // Refused, as it should be.
  }
}

void read_everything(identity::FatFs& fs, identity::Inode directory, int depth) {
  std::vector<std::string> names = fs.list(directory);
  names.resize(std::min<std::size_t>(names.size(), 16));
  for (const std::string& name : names) {
    const auto found = fs.lookup(directory, name);
    if (!found) continue;
    if (fs.attributes(*found).kind == identity::Kind::directory) {
      if (depth < 3) attempt([&] { read_everything(fs, *found, depth + 1); });
    } else {
      attempt([&] { fs.read(*found, 1 << 20); });
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t smallest = std::size_t{64} << 10;
  constexpr std::size_t largest = std::size_t{1} << 20;
  if (size > largest) return 0;
  std::vector<unsigned char> bytes(std::max(size, smallest));
  std::copy_n(data, size, bytes.begin());
  MemoryDisk disk(std::move(bytes));
  identity::Partition place;
  place.size = disk.size();
  attempt([&] { identity::logical_volumes(disk, place); });
  attempt([&] {
    identity::StagedVolume volume(disk, 0, disk.size());
    identity::FatFs fs(volume);
    read_everything(fs, fs.root(), 0);
  });
  return 0;
}
