// A hostile disk: whatever the filesystem holds, the engine ends in order and writes all of its edit or none.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "identity/engine.hpp"
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
  void write(std::uint64_t offset, std::span<const unsigned char> data) override {
    identity::require_range(offset, data.size(), size());
    written = true;
    std::copy(data.begin(), data.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  void flush() override {}

  bool written = false;

 private:
  std::vector<unsigned char> bytes_;
};

class NoKeys final : public identity::KeySource {
 public:
  std::vector<identity::HostKey> make(const std::vector<identity::KeySpec>&, const std::string&) override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t smallest = std::size_t{256} << 10;
  constexpr std::size_t largest = std::size_t{4} << 20;
  if (size > largest) return 0;
  std::vector<unsigned char> bytes(std::max(size, smallest));
  std::copy_n(data, size, bytes.begin());
  MemoryDisk disk(std::move(bytes));
  NoKeys keys;
  identity::Options options;
  options.hostname = "fuzz";
  try {
    identity::DiskEngine({&disk}, keys).run(options, {}, identity::Mode::renew, {});
  } catch (const util::Error&) {
    if (disk.written) std::abort();
  }
  return 0;
}
