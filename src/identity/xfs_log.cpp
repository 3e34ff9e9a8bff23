#include "identity/xfs_log.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "identity/big_endian.hpp"

namespace vmtool::identity {
namespace {

constexpr std::uint64_t log_sector = 512;  // the log's own unit
constexpr std::uint32_t record_magic = 0xfeedbabe;
constexpr std::uint64_t longest_record = 520;      // sectors: 256 KiB and its headers
constexpr std::uint64_t bytes_per_header = 32768;  // of a record's content
constexpr std::uint8_t flag_unmount = 0x20;
constexpr std::size_t operation_header = 12;

class Log {
 public:
  explicit Log(const XfsLayout& layout) : layout_(layout), sectors_(layout.log_length() / log_sector) {}

  bool is_clean() const {
    if (sectors_ < 2) return false;
    const std::uint64_t head = find_head();
    const auto record = last_record_before(head);
    if (!record) return false;
    const auto bytes = at(*record);
    const BigEndian header(bytes);
    const std::uint64_t content = (header.u32(12) + log_sector - 1) / log_sector;
    const std::uint64_t headers =
        std::max<std::uint64_t>(1, (header.u32(320) + bytes_per_header - 1) / bytes_per_header);
    // The record of an unmount is a single operation, and nothing comes behind it.
    if (header.u32(40) != 1 || (*record + headers + content) % sectors_ != head % sectors_) return false;
    const auto operation = at((*record + headers) % sectors_);
    return (BigEndian(operation).part(0, operation_header).u8(9) & flag_unmount) != 0;
  }

 private:
  std::vector<unsigned char> at(std::uint64_t index) const {
    std::vector<unsigned char> bytes(log_sector);
    layout_.volume().read(layout_.log_place() + index * log_sector, bytes);
    return bytes;
  }

  // How often the log had been filled when a sector was written: each begins with it, a header has it behind its magic number.
  std::uint32_t cycle_at(std::uint64_t index) const {
    const auto bytes = at(index);
    const BigEndian words(bytes);
    return words.u32(0) == record_magic ? words.u32(4) : words.u32(0);
  }

  // Where the next record would begin: the first sector of an older turn than the first one.
  std::uint64_t find_head() const {
    const std::uint32_t newest = cycle_at(0);
    std::uint64_t low = 0;
    std::uint64_t high = sectors_;
    while (high - low > 1) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (cycle_at(middle) == newest) low = middle;
      else high = middle;
    }
    return high;
  }

  std::optional<std::uint64_t> last_record_before(std::uint64_t head) const {
    for (std::uint64_t back = 1; back <= std::min(longest_record, sectors_); ++back) {
      const std::uint64_t index = (head + sectors_ - back) % sectors_;
      if (BigEndian(at(index)).u32(0) == record_magic) return index;
    }
    return std::nullopt;
  }

  const XfsLayout& layout_;
  std::uint64_t sectors_;
};

}  // namespace

bool is_log_clean(const XfsLayout& layout) { return Log(layout).is_clean(); }

}  // namespace vmtool::identity
