// The half of DirectoryFs that changes things.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "identity/directory_fs.hpp"
#include "identity/directory_labels.hpp"
#include "identity/require_call.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string name_in_parent(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Owner before mode: a change of owner takes special bits away.
void write_new(const util::Fd& file, std::string_view content, const Ownership& owner, const std::string& path) {
  require_file_call(::fchown(file.get(), owner.uid, owner.gid), "owning", path);
  require_file_call(::fchmod(file.get(), owner.mode), "setting the mode of", path);
  util::write_all(file.get(), content);
  require_file_call(::fsync(file.get()), "writing", path);
}

}  // namespace

const std::string& DirectoryFs::place_of(const std::string& path) const {
  const auto staged = staged_.find(path);
  return staged == staged_.end() || staged->second.empty() ? path : staged->second;
}

std::string DirectoryFs::new_place(const std::string& path) {
  const std::string parent = parent_of(path);
  std::string place = fmt::format("{}{}{}{}", parent, parent.empty() ? "" : "/", staged_prefix, next_++);
  // A run that was killed may have left one of that name.
  const util::Fd directory = directory_.open(parent, O_RDONLY | O_DIRECTORY);
  ::unlinkat(directory.get(), name_in_parent(place).c_str(), 0);
  return place;
}

void DirectoryFs::stage(const std::string& path, std::string place) {
  forget(path);
  staged_.insert_or_assign(path, std::move(place));
  if (std::find(order_.begin(), order_.end(), path) == order_.end()) order_.push_back(path);
}

void DirectoryFs::unlink(const std::string& path, int flags) const {
  const util::Fd directory = directory_.open(parent_of(path), O_RDONLY | O_DIRECTORY);
  require_file_call(::unlinkat(directory.get(), name_in_parent(path).c_str(), flags), "removing", path);
}

// Removes the file that was staged for a path.
void DirectoryFs::forget(const std::string& path) noexcept {
  const auto staged = staged_.find(path);
  if (staged == staged_.end() || staged->second.empty()) return;
  try {
    unlink(staged->second, 0);
  } catch (const std::exception&) {
    // It stays as a hidden file, which the next run removes.
  }
}

DirectoryFs::~DirectoryFs() {
  for (const std::string& path : order_) forget(path);
}

void DirectoryFs::overwrite(Inode inode, std::string_view content) {
  const std::string& path = paths_.at(inode);
  const util::Fd old = directory_.open(place_of(path), O_RDONLY | O_NONBLOCK);
  struct stat facts {};
  require_file_call(::fstat(old.get(), &facts), "reading", path);
  if (!S_ISREG(facts.st_mode)) throw Error(Errc::conflict, "not a regular file");
  std::string place = new_place(path);
  const util::Fd file = directory_.open(place, O_WRONLY | O_CREAT | O_EXCL, 0600);
  stage(path, std::move(place));
  write_new(file, content, {.mode = facts.st_mode & 07777U, .uid = facts.st_uid, .gid = facts.st_gid}, path);
  copy_attributes(old, file);
}

Inode DirectoryFs::make_file(Inode directory, const std::string& name, std::string_view content,
                             const Ownership& owner) {
  const std::string path = child(directory, name);
  std::string place = new_place(path);
  const util::Fd file = directory_.open(place, O_WRONLY | O_CREAT | O_EXCL, 0600);
  stage(path, std::move(place));
  write_new(file, content, owner, path);
  if (const auto parent = label(directory)) put_label(file, *parent);
  return number_of(path);
}

Inode DirectoryFs::make_symlink(Inode directory, const std::string& name, const std::string& target) {
  const std::string path = child(directory, name);
  std::string place = new_place(path);
  const util::Fd parent = directory_.open(paths_.at(directory), O_RDONLY | O_DIRECTORY);
  require_file_call(::symlinkat(target.c_str(), parent.get(), name_in_parent(place).c_str()), "linking", path);
  stage(path, std::move(place));
  return number_of(path);
}

void DirectoryFs::remove(Inode directory, const std::string& name) {
  const auto found = lookup(directory, name);
  if (!found) throw Error(Errc::not_found, fmt::format("'{}' is not in the directory", util::printable(name)));
  if (attributes(*found).kind == Kind::directory && !list(*found).empty())
    throw Error(Errc::conflict, "a directory that is not empty");
  stage(child(directory, name), "");
}

void DirectoryFs::set_label(Inode inode, const std::string& label) {
  if (attributes(inode).kind == Kind::symlink) return;
  put_label(directory_.open(place_of(paths_.at(inode)), O_RDONLY | O_NONBLOCK), label);
}

void DirectoryFs::finish() {
  std::vector<std::string> parents;
  for (const std::string& path : order_) {
    const std::string parent = parent_of(path);
    const util::Fd directory = directory_.open(parent, O_RDONLY | O_DIRECTORY);
    if (const std::string& place = staged_.at(path); !place.empty()) {
      require_file_call(
          ::renameat(directory.get(), name_in_parent(place).c_str(), directory.get(), name_in_parent(path).c_str()),
          "replacing", path);
      staged_.erase(path);
    } else {
      // Something that was only staged is not there.
      struct stat facts {};
      const bool exists = ::fstatat(directory.get(), name_in_parent(path).c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
      if (exists) unlink(path, S_ISDIR(facts.st_mode) ? AT_REMOVEDIR : 0);
    }
    if (std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
  }
  staged_.clear();
  order_.clear();
  for (const std::string& parent : parents) {
    try {
      require_file_call(::fsync(directory_.open(parent, O_RDONLY | O_DIRECTORY).get()), "writing", parent);
    } catch (const util::SysError& error) {
      if (error.errno_value() != ENOENT) throw;  // it was removed after what was in it
    }
  }
}

}  // namespace vmtool::identity
