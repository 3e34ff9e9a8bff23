#include "identity/lvm.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "identity/block_device.hpp"
#include "identity/lvm_text.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t uuid_length = 32;
constexpr std::string_view area_magic = " LVM2 x[5A%r0N*>";
constexpr std::uint64_t largest_text = 4U << 20;
constexpr std::size_t most_areas = 8;
constexpr std::size_t most_volumes = 256;

[[noreturn]] void refuse_volume(const char* what) {
  throw Error(Errc::invalid_input, fmt::format("the LVM physical volume is damaged: {}", what));
}

// A part of the disk, read as a whole.
class Block {
 public:
  Block(BlockDevice& disk, const Partition& place, std::uint64_t offset, std::uint64_t length)
      : bytes_(static_cast<std::size_t>(length)) {
    require_range(offset, length, place.size);
    disk.read(place.offset + offset, bytes_);
  }
  std::uint64_t number(std::size_t offset, std::size_t width) const {
    if (offset + width > bytes_.size()) refuse_volume("a header is cut off");
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | bytes_[offset + i];
    return value;
  }
  std::string_view text(std::size_t offset, std::size_t length) const {
    if (offset > bytes_.size() || length > bytes_.size() - offset) refuse_volume("a header is cut off");
    return {reinterpret_cast<const char*>(bytes_.data()) + offset, length};
  }

 private:
  std::vector<unsigned char> bytes_;
};

struct Area {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Header {
  std::string uuid;
  std::vector<Area> metadata;
};

// A list of areas ends with an empty one.
std::vector<Area> areas_at(const Block& block, std::size_t& at) {
  std::vector<Area> areas;
  for (;; at += 16) {
    const Area area{block.number(at, 8), block.number(at + 8, 8)};
    if (area.offset == 0) break;
    if (areas.size() == most_areas) refuse_volume("too many areas");
    areas.push_back(area);
  }
  at += 16;
  return areas;
}

Header read_header(BlockDevice& disk, const Partition& place) {
  for (std::uint64_t number = 0; number < 4; ++number) {
    const Block label(disk, place, number * sector_size, sector_size);
    if (label.text(0, 8) != "LABELONE" || label.text(24, 8) != "LVM2 001") continue;
    std::size_t at = static_cast<std::size_t>(label.number(20, 4));
    Header header{.uuid = std::string(label.text(at, uuid_length)), .metadata = {}};
    at += uuid_length + 8;
    areas_at(label, at);
    header.metadata = areas_at(label, at);
    return header;
  }
  refuse_volume("it has no label");
}

// The text may run over the end of the area, and goes on behind its header.
std::optional<std::string> text_in(BlockDevice& disk, const Partition& place, const Area& area) {
  const Block header(disk, place, area.offset, sector_size);
  if (header.text(4, area_magic.size()) != area_magic) refuse_volume("a metadata area has no header");
  const std::uint64_t offset = header.number(40, 8);
  const std::uint64_t size = header.number(48, 8);
  if (offset == 0 || size == 0) return std::nullopt;
  if (size > largest_text || area.size <= sector_size || offset < sector_size || offset >= area.size ||
      size > area.size - sector_size)
    refuse_volume("the metadata lie outside of their area");
  const std::uint64_t first = std::min(size, area.size - offset);
  std::string text(Block(disk, place, area.offset + offset, first).text(0, static_cast<std::size_t>(first)));
  if (first < size)
    text += Block(disk, place, area.offset + sector_size, size - first).text(0, static_cast<std::size_t>(size - first));
  return text;
}

// One volume group as one physical volume sees it.
class Group {
 public:
  Group(const LvmSection& section, const std::string& uuid) : section_(section) {
    extent_ = section.number("extent_size").value_or(0) * sector_size;
    if (extent_ == 0 || extent_ > (std::uint64_t{16} << 30)) refuse_volume("the size of an extent is missing");
    const LvmSection* members = section.find_section("physical_volumes");
    if (members == nullptr) refuse_volume("it belongs to no group");
    for (const LvmSection& facts : members->sections) {
      std::string id = facts.text("id");
      std::erase(id, '-');
      if (id != uuid) continue;
      member_ = facts.name;
      start_ = facts.number("pe_start").value_or(0) * sector_size;
    }
    if (member_.empty()) refuse_volume("its own group does not know it");
  }

  std::vector<Partition> volumes(const Partition& place) const {
    std::vector<Partition> found;
    const LvmSection* all = section_.find_section("logical_volumes");
    if (all == nullptr) return found;
    for (const LvmSection& facts : all->sections) {
      const LvmSection* first = facts.find_section("segment1");
      if (first == nullptr || !is_visible(facts)) continue;
      if (found.size() == most_volumes) refuse_volume("too many volumes");
      Partition volume{.number = place.number,
                       .offset = 0,
                       .size = 0,
                       .type = place.type,
                       .uuid = {},
                       .name = {},
                       .volume = section_.name + "/" + facts.name,
                       .content = {},
                       .content_uuid = {},
                       .content_label = {}};
      const auto piece = find_piece(facts);
      // What begins on another physical volume is that one's to report.
      if (!piece && !begins_here(*first)) continue;
      if (piece && piece->offset <= place.size && piece->size <= place.size - piece->offset) {
        volume.offset = place.offset + piece->offset;
        volume.size = piece->size;
      } else {
        const std::string kind = first->text("type");
        volume.content = kind == "striped" ? "LVM in several pieces" : "LVM " + kind;
      }
      found.push_back(std::move(volume));
    }
    return found;
  }

 private:
  static bool is_visible(const LvmSection& volume) {
    const auto status = volume.settings.find("status");
    return status != volume.settings.end() &&
           std::find(status->second.begin(), status->second.end(), "VISIBLE") != status->second.end();
  }

  bool begins_here(const LvmSection& segment) const {
    const auto stripes = segment.settings.find("stripes");
    return stripes == segment.settings.end() || stripes->second.empty() || stripes->second.front() == member_;
  }

  // The volume's place on this physical volume, where its segments follow one another there.
  std::optional<Area> find_piece(const LvmSection& volume) const {
    const std::uint64_t count = volume.number("segment_count").value_or(0);
    std::uint64_t first = 0;
    std::uint64_t extents = 0;
    for (std::uint64_t i = 1; i <= count; ++i) {
      const LvmSection* segment = volume.find_section(fmt::format("segment{}", i));
      if (segment == nullptr || segment->text("type") != "striped" || segment->number("stripe_count") != 1U)
        return std::nullopt;
      const auto stripes = segment->settings.find("stripes");
      if (stripes == segment->settings.end() || stripes->second.size() != 2 || stripes->second[0] != member_)
        return std::nullopt;
      const auto at = util::parse_decimal(stripes->second[1], most_extents);
      const auto length = util::parse_decimal(segment->text("extent_count"), most_extents);
      if (!at || !length || (i > 1 && *at != first + extents)) return std::nullopt;
      if (i == 1) first = *at;
      extents += *length;
      if (extents > most_extents) return std::nullopt;
    }
    if (extents == 0) return std::nullopt;
    return Area{start_ + first * extent_, extents * extent_};
  }

  static constexpr std::uint64_t most_extents = 1U << 24;

  const LvmSection& section_;
  std::string member_;
  std::uint64_t extent_ = 0;
  std::uint64_t start_ = 0;
};

}  // namespace

std::vector<Partition> logical_volumes(BlockDevice& disk, const Partition& place) {
  const Header header = read_header(disk, place);
  for (const Area& area : header.metadata) {
    const auto text = text_in(disk, place, area);
    if (!text) continue;
    const LvmSection root = parse_lvm_text(*text);
    if (root.sections.empty()) continue;
    return Group(root.sections.front(), header.uuid).volumes(place);
  }
  return {};
}

}  // namespace vmtool::identity
