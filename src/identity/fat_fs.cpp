#include "identity/fat_fs.hpp"

#include <strings.h>

#include "util/error.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

[[noreturn]] void refuse_change() {
  throw Error(Errc::conflict, "files are neither made nor removed on a FAT filesystem");
}

}  // namespace

FatFs::FatFs(StagedVolume& volume) : volume_(volume), layout_(volume), entries_{std::nullopt} {}

Inode FatFs::number_of(Inode directory, const FatEntry& entry) {
  const auto [known, is_new] = numbers_.try_emplace({directory, entry.name}, static_cast<Inode>(entries_.size()));
  if (is_new) entries_.emplace_back(entry);
  return known->second;
}

std::optional<Inode> FatFs::lookup(Inode directory, const std::string& name) {
  const std::optional<FatEntry> parent = at(directory);
  if (parent && !parent->is_directory) return std::nullopt;
  for (const FatEntry& entry : layout_.list(parent)) {
    if (::strcasecmp(entry.name.c_str(), name.c_str()) == 0) return number_of(directory, entry);
  }
  return std::nullopt;
}

Attributes FatFs::attributes(Inode inode) {
  const auto& entry = at(inode);
  if (!entry || entry->is_directory)
    return {.kind = Kind::directory, .size = 0, .owner = {.mode = 0755, .uid = 0, .gid = 0}};
  return {.kind = Kind::file, .size = entry->size, .owner = {.mode = 0644, .uid = 0, .gid = 0}};
}

std::string FatFs::read(Inode inode, std::size_t limit) {
  const auto& entry = at(inode);
  if (!entry || entry->is_directory) throw Error(Errc::conflict, "not a regular file");
  if (entry->size > limit) throw Error(Errc::invalid_input, "the file is larger than expected");
  std::string content;
  for (const FatLayout::Piece& piece : layout_.pieces(entry->first_cluster, entry->size)) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(piece.length));
    volume_.read(piece.offset, bytes);
    content.append(bytes.begin(), bytes.end());
  }
  return content;
}

std::vector<std::string> FatFs::list(Inode directory) {
  std::vector<std::string> names;
  for (const FatEntry& entry : layout_.list(at(directory))) names.push_back(entry.name);
  return names;
}

void FatFs::overwrite(Inode inode, std::string_view content) {
  const auto& entry = at(inode);
  if (!entry || entry->is_directory) throw Error(Errc::conflict, "not a regular file");
  if (entry->size != content.size()) throw Error(Errc::conflict, "a file of a FAT filesystem keeps its length");
  for (const FatLayout::Piece& piece : layout_.pieces(entry->first_cluster, entry->size)) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
    volume_.write(piece.offset, {bytes, static_cast<std::size_t>(piece.length)});
    content.remove_prefix(static_cast<std::size_t>(piece.length));
  }
}

Inode FatFs::make_file(Inode, const std::string&, std::string_view, const Ownership&) { refuse_change(); }
Inode FatFs::make_symlink(Inode, const std::string&, const std::string&) { refuse_change(); }
void FatFs::remove(Inode, const std::string&) { refuse_change(); }

}  // namespace vmtool::identity
