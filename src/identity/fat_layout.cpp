#include "identity/fat_layout.hpp"

#include <algorithm>
#include <array>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t entry_size = 32;
constexpr std::size_t largest_directory = 1 << 20;
constexpr unsigned char attribute_volume = 0x08;
constexpr unsigned char attribute_directory = 0x10;
constexpr unsigned char attribute_long_name = 0x0f;
constexpr unsigned char deleted = 0xe5;

using Bytes = std::vector<unsigned char>;

std::uint32_t number(const Bytes& bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

[[noreturn]] void refuse_fat() { throw Error(Errc::invalid_input, "it is no FAT filesystem"); }

// Thirteen UTF-16 units of a long name; what is not ASCII has no name that matters here.
std::string long_part(const Bytes& bytes, std::size_t at) {
  std::string part;
  static constexpr std::array<std::size_t, 13> places{1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
  for (const std::size_t place : places) {
    const std::uint32_t unit = number(bytes, at + place, 2);
    if (unit == 0 || unit == 0xffff) break;
    part += unit < 0x80 ? static_cast<char>(unit) : '?';
  }
  return part;
}

std::string short_name(const Bytes& bytes, std::size_t at) {
  const auto field = [&](std::size_t from, std::size_t length) {
    std::string text(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                     bytes.begin() + static_cast<std::ptrdiff_t>(from + length));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  const std::string extension = field(at + 8, 3);
  return field(at, 8) + (extension.empty() ? "" : "." + extension);
}

}  // namespace

FatLayout::FatLayout(StagedVolume& volume) : volume_(volume) {
  Bytes boot(512);
  volume_.read(0, boot);
  const std::uint32_t sector = number(boot, 11, 2);
  const std::uint32_t per_cluster = boot[13];
  const std::uint32_t reserved = number(boot, 14, 2);
  const std::uint32_t tables = boot[16];
  const std::uint32_t root_entries = number(boot, 17, 2);
  const std::uint32_t sectors = number(boot, 19, 2) != 0 ? number(boot, 19, 2) : number(boot, 32, 4);
  const std::uint32_t per_table = number(boot, 22, 2) != 0 ? number(boot, 22, 2) : number(boot, 36, 4);
  if (boot[510] != 0x55 || boot[511] != 0xaa || sector < 512 || sector > 4096 || per_cluster == 0 || tables == 0 ||
      per_table == 0)
    refuse_fat();
  cluster_size_ = sector * per_cluster;
  table_ = std::uint64_t{reserved} * sector;
  root_ = table_ + std::uint64_t{tables} * per_table * sector;
  root_length_ = std::uint64_t{root_entries} * entry_size;
  data_ = root_ + (root_length_ + sector - 1) / sector * sector;
  const std::uint64_t end = std::uint64_t{sectors} * sector;
  if (end > volume_.size() || data_ >= end) refuse_fat();
  clusters_ = static_cast<std::uint32_t>((end - data_) / cluster_size_);
  // Few clusters make no FAT16 of what is laid out as FAT32: mkfs.fat and Linux go by this field.
  const bool is_fat32 = number(boot, 22, 2) == 0;
  bits_ = is_fat32 ? 32 : clusters_ < 4085 ? 12 : 16;
  if (bits_ == 32) root_cluster_ = number(boot, 44, 4);
}

std::uint64_t FatLayout::offset_of(std::uint32_t cluster) const {
  if (cluster < 2 || cluster - 2 >= clusters_) throw Error(Errc::io, "a file of the FAT filesystem lies outside of it");
  return data_ + std::uint64_t{cluster - 2} * cluster_size_;
}

std::uint32_t FatLayout::next_of(std::uint32_t cluster) {
  const auto bits = static_cast<std::uint32_t>(bits_);
  Bytes entry(bits_ == 32 ? 4 : 2);
  volume_.read(table_ + std::uint64_t{cluster} * bits / 8, entry);
  const std::uint32_t value = number(entry, 0, entry.size());
  if (bits_ == 32) return value & 0x0fffffff;
  if (bits_ == 16) return value;
  return cluster % 2 == 0 ? value & 0xfff : value >> 4;
}

std::vector<FatLayout::Piece> FatLayout::pieces(std::uint32_t first_cluster, std::uint64_t length) {
  std::vector<Piece> out;
  std::uint32_t cluster = first_cluster;
  for (std::uint64_t left = length; left > 0; cluster = next_of(cluster)) {
    if (out.size() > clusters_) throw Error(Errc::io, "a file of the FAT filesystem runs in a circle");
    const std::uint64_t part = std::min<std::uint64_t>(left, cluster_size_);
    out.push_back({offset_of(cluster), part});
    left -= part;
  }
  return out;
}

Bytes FatLayout::directory_bytes(const std::optional<FatEntry>& directory) {
  Bytes bytes;
  if (!directory && root_length_ != 0) {
    bytes.resize(static_cast<std::size_t>(root_length_));
    volume_.read(root_, bytes);
    return bytes;
  }
  // A directory does not state its size: its chain ends it.
  const std::uint32_t last = bits_ == 32 ? 0x0ffffff8 : bits_ == 16 ? 0xfff8 : 0xff8;
  for (std::uint32_t cluster = directory ? directory->first_cluster : root_cluster_; cluster < last;
       cluster = next_of(cluster)) {
    if (bytes.size() >= largest_directory) throw Error(Errc::io, "a directory of the FAT filesystem does not end");
    Bytes part(cluster_size_);
    volume_.read(offset_of(cluster), part);
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

std::vector<FatEntry> FatLayout::list(const std::optional<FatEntry>& directory) {
  const Bytes bytes = directory_bytes(directory);
  std::vector<FatEntry> found;
  std::string long_name;
  for (std::size_t at = 0; at + entry_size <= bytes.size() && bytes[at] != 0; at += entry_size) {
    const unsigned char attributes = bytes[at + 11];
    if (bytes[at] == deleted) {
      long_name.clear();
    } else if ((attributes & attribute_long_name) == attribute_long_name) {
      // The last part stands first.
      long_name = long_part(bytes, at) + long_name;
    } else {
      const std::string name = long_name.empty() ? short_name(bytes, at) : long_name;
      long_name.clear();
      if ((attributes & attribute_volume) != 0 || name == "." || name == "..") continue;
      found.push_back({.name = name,
                       .is_directory = (attributes & attribute_directory) != 0,
                       .first_cluster = number(bytes, at + 20, 2) << 16 | number(bytes, at + 26, 2),
                       .size = number(bytes, at + 28, 4)});
    }
  }
  return found;
}

}  // namespace vmtool::identity
