#pragma once
// A disk in memory that can be told to fail.

#include <algorithm>
#include <vector>

#include "identity/block_device.hpp"
#include "util/error.hpp"

namespace vmtool::tests {

class MemoryDevice final : public identity::BlockDevice {
 public:
  explicit MemoryDevice(std::size_t size) : bytes(size) {}

  std::uint64_t size() const override { return bytes.size(); }
  void read(std::uint64_t offset, std::span<unsigned char> out) override {
    identity::require_range(offset, out.size(), bytes.size());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  void write(std::uint64_t offset, std::span<const unsigned char> data) override {
    identity::require_range(offset, data.size(), bytes.size());
    if (writes_left == 0) throw util::Error(util::Errc::io, "no space left on device");
    --writes_left;
    std::copy(data.begin(), data.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  void flush() override { ++flushes; }

  std::vector<unsigned char> bytes;
  std::size_t writes_left = SIZE_MAX;
  int flushes = 0;
};

}  // namespace vmtool::tests
