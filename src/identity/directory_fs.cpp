#include "identity/directory_fs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t most_names = 100'000;

void require(int result, const char* what, const std::string& path) {
  if (result < 0) throw util::SysError(errno, fmt::format("{} '{}'", what, util::printable(path)));
}

struct stat facts_of(const util::Fd& file, const std::string& path) {
  struct stat facts {};
  require(::fstat(file.get(), &facts), "reading", path);
  return facts;
}

Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return Kind::file;
  if (S_ISDIR(mode)) return Kind::directory;
  return S_ISLNK(mode) ? Kind::symlink : Kind::other;
}

void write_whole(const util::Fd& file, std::string_view content, const std::string& path) {
  util::write_all(file.get(), content);
  require(::ftruncate(file.get(), static_cast<off_t>(content.size())), "writing", path);
  require(::fsync(file.get()), "writing", path);
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
  try {
    directory_.open(path, O_PATH);
  } catch (const util::SysError& error) {
    if (error.errno_value() == ENOENT || error.errno_value() == ENOTDIR || error.errno_value() == ENAMETOOLONG) return std::nullopt;
    throw;
  }
  return number_of(path);
}

Attributes DirectoryFs::attributes(Inode inode) {
  const std::string& path = paths_.at(inode);
  const struct stat facts = facts_of(directory_.open(path, O_PATH), path);
  return {.kind = kind_of(facts.st_mode),
          .size = static_cast<std::uint64_t>(facts.st_size),
          .owner = {.mode = facts.st_mode & 07777U, .uid = facts.st_uid, .gid = facts.st_gid}};
}

std::string DirectoryFs::read(Inode inode, std::size_t limit) {
  const std::string& path = paths_.at(inode);
  if (attributes(inode).kind == Kind::symlink) {
    const util::Fd link = directory_.open(path, O_PATH);
    std::string target(4096, '\0');
    const ssize_t length = ::readlinkat(link.get(), "", target.data(), target.size());
    require(static_cast<int>(length), "reading", path);
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
    if (name == "." || name == "..") continue;
    if (names.size() == most_names) throw Error(Errc::invalid_input, fmt::format("'{}' has too many entries", util::printable(path)));
    names.push_back(name);
  }
  return names;
}

void DirectoryFs::overwrite(Inode inode, std::string_view content) {
  const std::string& path = paths_.at(inode);
  const util::Fd file = directory_.open(path, O_WRONLY | O_NONBLOCK);
  if (!S_ISREG(facts_of(file, path).st_mode)) throw Error(Errc::conflict, "not a regular file");
  write_whole(file, content, path);
}

Inode DirectoryFs::make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) {
  const std::string path = child(directory, name);
  const util::Fd file = directory_.open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  require(::fchown(file.get(), owner.uid, owner.gid), "owning", path);
  require(::fchmod(file.get(), owner.mode), "setting the mode of", path);
  write_whole(file, content, path);
  return number_of(path);
}

Inode DirectoryFs::make_symlink(Inode directory, const std::string& name, const std::string& target) {
  const std::string path = child(directory, name);
  const util::Fd parent = directory_.open(paths_.at(directory), O_RDONLY | O_DIRECTORY);
  require(::symlinkat(target.c_str(), parent.get(), name.c_str()), "linking", path);
  return number_of(path);
}

void DirectoryFs::remove(Inode directory, const std::string& name) {
  const std::string path = child(directory, name);
  const auto found = lookup(directory, name);
  if (!found) throw Error(Errc::not_found, fmt::format("'{}' is not in the directory", util::printable(name)));
  const int flags = attributes(*found).kind == Kind::directory ? AT_REMOVEDIR : 0;
  const util::Fd parent = directory_.open(paths_.at(directory), O_RDONLY | O_DIRECTORY);
  require(::unlinkat(parent.get(), name.c_str(), flags), "removing", path);
}

void DirectoryFs::finish() {
  if (::fsync(directory_.get()) != 0) throw util::SysError(errno, "writing a directory");
}

}  // namespace vmtool::identity
