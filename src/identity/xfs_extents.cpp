#include "identity/xfs_extents.hpp"

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

constexpr std::size_t record_size = 16;
constexpr std::size_t most_extents = 1 << 16;
constexpr std::size_t tree_header = 72;           // of a long-format block of version 5
constexpr std::uint32_t tree_magic = 0x424d4133;  // "BMA3"
constexpr unsigned deepest_tree = 8;

[[noreturn]] void refuse_extents() {
  throw util::Error(util::Errc::io, "the XFS filesystem is damaged: a list of extents makes no sense");
}

void append_records(const BigEndian& records, std::uint64_t count, std::vector<XfsExtent>& out) {
  if (count > records.size() / record_size || out.size() + count > most_extents) refuse_extents();
  for (std::size_t at = 0; at < count * record_size; at += record_size) {
    const std::uint64_t high = records.u64(at);
    const std::uint64_t low = records.u64(at + 8);
    const XfsExtent extent{(high & ~(std::uint64_t{1} << 63)) >> 9, (high & 0x1ff) << 43 | low >> 21,
                           low & ((std::uint64_t{1} << 21) - 1), high >> 63 != 0};
    if (extent.count == 0 || (!out.empty() && extent.first < out.back().first + out.back().count)) refuse_extents();
    out.push_back(extent);
  }
}

// Keys come first, then as many pointers; only the pointers say where to go.
void walk(const XfsLayout& layout, std::uint64_t block, unsigned level, std::vector<XfsExtent>& out) {
  std::vector<unsigned char> bytes(layout.block_size());
  layout.volume().read(layout.place_of_block(block), bytes);
  const BigEndian node(bytes);
  const unsigned count = node.u16(6);
  if (node.u32(0) != tree_magic || node.u16(4) != level) refuse_extents();
  const BigEndian body = node.part(tree_header, bytes.size() - tree_header);
  if (level == 0) return append_records(body, count, out);
  const std::size_t room = body.size() / record_size;
  if (count > room) refuse_extents();
  for (std::size_t i = 0; i < count; ++i) walk(layout, body.u64(room * 8 + i * 8), level - 1, out);
}

}  // namespace

std::vector<XfsExtent> extents_of_fork(const BigEndian& fork, std::uint64_t count) {
  std::vector<XfsExtent> extents;
  append_records(fork, count, extents);
  return extents;
}

std::vector<XfsExtent> extents_of_tree(const XfsLayout& layout, const BigEndian& fork) {
  const unsigned level = fork.u16(0);
  const unsigned count = fork.u16(2);
  const std::size_t room = (fork.size() - 4) / record_size;
  if (level == 0 || level > deepest_tree || count > room) refuse_extents();
  std::vector<XfsExtent> extents;
  for (std::size_t i = 0; i < count; ++i) walk(layout, fork.u64(4 + room * 8 + i * 8), level - 1, extents);
  return extents;
}

}  // namespace vmtool::identity
