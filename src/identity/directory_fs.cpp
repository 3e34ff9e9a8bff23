#include "identity/directory_fs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "identity/directory_labels.hpp"
#include "identity/require_call.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t most_names = 100'000;

struct stat facts_of(const util::Fd& file, const std::string& path) {
  struct stat facts {};
  require_file_call(::fstat(file.get(), &facts), "reading", path);
  return facts;
}

Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return Kind::file;
  if (S_ISDIR(mode)) return Kind::directory;
  return S_ISLNK(mode) ? Kind::symlink : Kind::other;
}

}  // namespace

DirectoryFs::DirectoryFs(util::DirFd directory) : directory_(std::move(directory)) { number_of(""); }

Inode DirectoryFs::number_of(const std::string& path) {
  const auto [entry, is_new] = numbers_.try_emplace(path, static_cast<Inode>(paths_.size()));
  if (is_new) paths_.push_back(path);
  return entry->second;
}

std::string DirectoryFs::child(Inode directory, const std::string& name) const {
  const std::string& parent = paths_.at(directory);
  return parent.empty() ? name : parent + "/" + name;
}

std::optional<Inode> DirectoryFs::lookup(Inode directory, const std::string& name) {
  const std::string path = child(directory, name);
  if (const auto staged = staged_.find(path); staged != staged_.end()) {
    return staged->second.empty() ? std::nullopt : std::optional(number_of(path));
  }
  try {
    directory_.open(path, O_PATH);
  } catch (const util::SysError& error) {
    if (error.errno_value() == ENOENT || error.errno_value() == ENOTDIR || error.errno_value() == ENAMETOOLONG)
      return std::nullopt;
    throw;
  }
  return number_of(path);
}

Attributes DirectoryFs::attributes(Inode inode) {
  const std::string& path = place_of(paths_.at(inode));
  const struct stat facts = facts_of(directory_.open(path, O_PATH), path);
  return {.kind = kind_of(facts.st_mode),
          .size = static_cast<std::uint64_t>(facts.st_size),
          .owner = {.mode = facts.st_mode & 07777U, .uid = facts.st_uid, .gid = facts.st_gid}};
}

std::string DirectoryFs::read(Inode inode, std::size_t limit) {
  const std::string& path = place_of(paths_.at(inode));
  if (attributes(inode).kind == Kind::symlink) {
    const util::Fd link = directory_.open(path, O_PATH);
    std::string target(4096, '\0');
    const ssize_t length = ::readlinkat(link.get(), "", target.data(), target.size());
    require_file_call(static_cast<int>(length), "reading", path);
    target.resize(static_cast<std::size_t>(length));
    return target;
  }
  const util::Fd file = directory_.open(path, O_RDONLY | O_NONBLOCK);
  if (!S_ISREG(facts_of(file, path).st_mode)) throw Error(Errc::conflict, "not a regular file");
  return util::read_all(file.get(), limit);
}

std::vector<std::string> DirectoryFs::list(Inode directory) {
  const std::string& path = paths_.at(directory);
  util::Fd opened = directory_.open(path, O_RDONLY | O_DIRECTORY);
  const util::Handle<DIR, ::closedir> stream(::fdopendir(opened.get()));
  if (!stream) throw util::SysError(errno, fmt::format("listing '{}'", util::printable(path)));
  opened.release();
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || name.starts_with(staged_prefix)) continue;
    const auto staged = staged_.find(child(directory, name));
    if (staged != staged_.end() && staged->second.empty()) continue;
    if (names.size() == most_names)
      throw Error(Errc::invalid_input, fmt::format("'{}' has too many entries", util::printable(path)));
    names.push_back(name);
  }
  return names;
}

std::optional<std::string> DirectoryFs::label(Inode inode) {
  if (attributes(inode).kind == Kind::symlink) return std::nullopt;
  return find_label(directory_.open(place_of(paths_.at(inode)), O_RDONLY | O_NONBLOCK));
}

}  // namespace vmtool::identity
