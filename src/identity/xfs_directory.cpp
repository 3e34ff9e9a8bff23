#include "identity/xfs_directory.hpp"

#include "identity/big_endian.hpp"
#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::uint32_t block_magic = 0x58444233;  // "XDB3": one block, which holds the index too
constexpr std::uint32_t data_magic = 0x58444433;   // "XDD3"
constexpr std::size_t data_header = 64;
constexpr std::uint16_t free_mark = 0xffff;
constexpr std::uint64_t index_begins = std::uint64_t{1} << 35;  // bytes; behind it lies the index, in front the names
constexpr std::uint64_t largest_listing = std::uint64_t{32} << 20;

[[noreturn]] void refuse_directory() {
  throw Error(Errc::io, "the XFS filesystem is damaged: a directory makes no sense");
}

bool is_dots(const std::string& name) { return name == "." || name == ".."; }

std::vector<XfsEntry> short_entries(const XfsInode& directory) {
  const BigEndian fork(directory.fork);
  const unsigned count = fork.u8(0) != 0 ? fork.u8(0) : fork.u8(1);
  const std::size_t width = fork.u8(1) != 0 ? 8 : 4;
  std::vector<XfsEntry> entries;
  std::size_t at = 2 + width;  // behind the parent's number
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t length = fork.u8(at);
    // Between the name and the number stands the type.
    entries.push_back({fork.text(at + 3, length), fork.number(at + 3 + length + 1, width)});
    at += 3 + length + 1 + width;
  }
  return entries;
}

// Where the names of a block end: one that holds the index too has it at its end, with its length.
std::size_t end_of_names(const BigEndian& block) {
  const std::uint32_t magic = block.u32(0);
  if (magic == data_magic) return block.size();
  if (magic != block_magic) refuse_directory();
  const std::uint64_t index = 8 + std::uint64_t{block.u32(block.size() - 8)} * 8;
  if (index > block.size() - data_header) refuse_directory();
  return block.size() - static_cast<std::size_t>(index);
}

void append_names(const BigEndian& block, std::vector<XfsEntry>& entries) {
  const std::size_t end = end_of_names(block);
  std::size_t at = data_header;
  while (at < end) {
    if (block.u16(at) == free_mark) {
      const std::size_t length = block.u16(at + 2);
      if (length == 0 || length % 8 != 0) refuse_directory();
      at += length;
      continue;
    }
    const std::size_t length = block.u8(at + 8);
    if (length == 0) refuse_directory();
    std::string name = block.text(at + 9, length);
    if (!is_dots(name)) entries.push_back({std::move(name), block.u64(at)});
    // Number, length, name, type and tag, filled up to eight bytes.
    at += (8 + 1 + length + 1 + 2 + 7) / 8 * 8;
  }
}

}  // namespace

std::vector<XfsEntry> entries_of(const XfsLayout& layout, const XfsInode& directory) {
  if (directory.kind != Kind::directory) throw Error(Errc::conflict, "it is no directory");
  if (directory.format == XfsInode::Format::local) return short_entries(directory);
  if (directory.size > largest_listing)
    throw Error(Errc::io, "a directory of the XFS filesystem is too large to be searched");
  const std::uint64_t block_size = layout.block_size();
  const std::uint64_t step = layout.directory_block_size() / block_size;
  std::vector<XfsEntry> entries;
  std::vector<unsigned char> bytes(layout.directory_block_size());
  for (const XfsExtent& extent : directory.extents) {
    for (std::uint64_t i = 0; i < extent.count; ++i) {
      const std::uint64_t index = extent.first + i;
      if (index * block_size >= index_begins || index * block_size >= directory.size) break;
      // A directory's block may lie in several extents: each of its parts is looked up when its first one comes.
      if (index % step != 0) continue;
      for (std::uint64_t part = 0; part < step; ++part) {
        const XfsExtent* holder = extent_at(directory, index + part);
        if (holder == nullptr) refuse_directory();
        layout.volume().read(layout.place_of_block(holder->block + (index + part - holder->first)),
                             std::span(bytes).subspan(static_cast<std::size_t>(part * block_size),
                                                      static_cast<std::size_t>(block_size)));
      }
      append_names(BigEndian(bytes), entries);
    }
  }
  return entries;
}

}  // namespace vmtool::identity
