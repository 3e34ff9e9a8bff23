#include "images/layer_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

constexpr dev_t whiteout_device = 0;
constexpr std::int64_t largest_id = 4294967294;  // the next one is "no id" to the kernel

[[noreturn]] void fail_at(const std::string& path, const char* what) {
  throw SysError(errno, fmt::format("{} '{}'", what, util::printable(path)));
}

bool is_whiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == whiteout_device; }

std::optional<struct stat> status_of(int parent, const std::string& name) {
  struct stat status {};
  if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  fail_at(name, "looking at");
}

// What an image may say about a file, beside its owner and mode. The marks of overlayfs are ours to make, and those of security modules the
// host's.
bool may_keep(const std::string& xattr) {
  return xattr == "security.capability" || (xattr.starts_with("user.") && !xattr.starts_with("user.overlay."));
}

Error passes_link(const std::string& path) {
  return {Errc::invalid_input, fmt::format("the entry '{}' passes a symbolic link", util::printable(path))};
}

}  // namespace

LayerTree::LayerTree(util::DirFd root, TreeRules rules) : root_(std::move(root)), rules_(std::move(rules)) {}

void LayerTree::put(const TarEntry& entry, const std::function<std::optional<TarBlock>()>& read) {
  const std::string path = clean_layer_path(entry.path);
  if (path.empty()) return put_root(entry);
  const LayerName name = rules_.is_layer ? parse_layer_name(path) : split_layer_path(path);
  if (name.meaning == Meaning::ignored) return;
  const int parent = parent_of(name.parent);
  if (name.meaning == Meaning::opaque) return make_opaque(parent);
  if (name.meaning == Meaning::whiteout) return put_whiteout(parent, name.name);

  using Type = TarEntry::Type;
  if (entry.type == Type::hardlink) return put_hardlink(entry, parent, path, name.name);
  const auto old = status_of(parent, name.name);
  const bool stands = old && S_ISDIR(old->st_mode) && entry.type == Type::directory;
  if (old && !stands) {
    // The directory that is held open may be in what goes.
    if (name.parent.empty()) last_parent_ = Fd();
    remove_below(parent, name.name);
  }
  if (entry.type == Type::directory) put_directory(entry, parent, path, name.name, stands, old && is_whiteout(*old));
  else if (entry.type == Type::file) put_file(entry, parent, name.name, read);
  else put_node(entry, parent, name.name);
}

void LayerTree::put_root(const TarEntry& entry) {
  if (entry.type != TarEntry::Type::directory)
    throw Error(Errc::invalid_input, "an entry is the root and no directory");
  own(root_.get(), entry);
  if (rules_.is_layer) set_xattrs(root_.get(), entry);
  directory_times_[""] = entry.modified;
}

int LayerTree::parent_of(const std::string& path) {
  if (path.empty()) return root_.get();
  if (last_parent_ && last_parent_path_ == path) return last_parent_.get();
  last_parent_ = make_parents(path);
  last_parent_path_ = path;
  return last_parent_.get();
}

Fd LayerTree::make_parents(const std::string& path) {
  try {
    return root_.open(path, O_RDONLY | O_DIRECTORY);
  } catch (const SysError& error) {
    if (error.errno_value() == ELOOP) throw passes_link(path);
    if (error.errno_value() != ENOENT && error.errno_value() != ENOTDIR) throw;
  }
  Fd above;
  for (const std::string& part : util::split(path, '/')) {
    const int parent = above ? above.get() : root_.get();
    const auto old = status_of(parent, part);
    if (old && S_ISLNK(old->st_mode)) throw passes_link(path);
    const bool is_hidden = old && is_whiteout(*old);
    if (is_hidden && ::unlinkat(parent, part.c_str(), 0) != 0) fail_at(path, "replacing the whiteout");
    if ((!old || is_hidden) && ::mkdirat(parent, part.c_str(), 0755) != 0) fail_at(path, "making the directory");
    Fd next(::openat(parent, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next)
      throw Error(Errc::invalid_input,
                  fmt::format("the entry '{}' is below what is no directory", util::printable(path)));
    above = std::move(next);
    if (is_hidden) make_opaque(above.get());
  }
  return above;
}

void LayerTree::put_directory(const TarEntry& entry, int parent, const std::string& path, const std::string& name,
                              bool stands, bool replaces_whiteout) {
  if (!stands && ::mkdirat(parent, name.c_str(), 0755) != 0) fail_at(path, "making the directory");
  const Fd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) fail_at(path, "opening");
  own(directory.get(), entry);
  if (!rules_.is_layer) return;
  set_xattrs(directory.get(), entry);
  // It stands for a new directory, not for the one below.
  if (replaces_whiteout) make_opaque(directory.get());
  directory_times_[path] = entry.modified;
}

void LayerTree::put_file(const TarEntry& entry, int parent, const std::string& name,
                         const std::function<std::optional<TarBlock>()>& read) {
  const Fd file(::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) fail_at(entry.path, "making the file");
  std::int64_t end = 0;
  while (const auto block = read()) {
    if (block->offset < end)
      throw Error(Errc::invalid_input, fmt::format("the content of '{}' is out of order", util::printable(entry.path)));
    if (::lseek(file.get(), block->offset, SEEK_SET) < 0) fail_at(entry.path, "writing");
    util::write_all(file.get(), {block->data.data(), block->data.size()});
    end = block->offset + static_cast<std::int64_t>(block->data.size());
  }
  if (entry.size > end && ::ftruncate(file.get(), entry.size) != 0) fail_at(entry.path, "writing");
  own(file.get(), entry);
  if (!rules_.is_layer) return;
  set_xattrs(file.get(), entry);
  const std::array<timespec, 2> times{entry.modified, entry.modified};
  if (::futimens(file.get(), times.data()) != 0) fail_at(entry.path, "setting the time of");
}

void LayerTree::put_hardlink(const TarEntry& entry, int parent, const std::string& path, const std::string& name) {
  const std::string target = clean_layer_path(entry.target);
  if (target.empty())
    throw Error(Errc::invalid_input,
                fmt::format("the entry '{}' is a link to a directory", util::printable(entry.path)));
  if (target == path) return;
  const Error no_file(Errc::invalid_input,
                      fmt::format("the entry '{}' is a link to '{}', which is no file of the archive",
                                  util::printable(entry.path), util::printable(entry.target)));
  const LayerName to = split_layer_path(target);
  Fd from;
  try {
    from = root_.open(to.parent, O_PATH | O_DIRECTORY);
  } catch (const SysError& error) {
    const int why = error.errno_value();
    if (why == ENOENT || why == ENOTDIR || why == ELOOP) throw no_file;
    throw;
  }
  const auto source = status_of(from.get(), to.name);
  if (!source || S_ISDIR(source->st_mode)) throw no_file;
  const auto old = status_of(parent, name);
  if (old && !S_ISDIR(old->st_mode) && old->st_ino == source->st_ino) return;
  if (old && last_parent_.get() != parent) last_parent_ = Fd();
  if (old) remove_below(parent, name);
  if (::linkat(from.get(), to.name.c_str(), parent, name.c_str(), 0) != 0) fail_at(entry.path, "making the link");
}

void LayerTree::put_node(const TarEntry& entry, int parent, const std::string& name) {
  using Type = TarEntry::Type;
  if (entry.type == Type::symlink) {
    if (::symlinkat(entry.target.c_str(), parent, name.c_str()) != 0) fail_at(entry.path, "making the symbolic link");
  } else if (!rules_.is_layer || entry.type == Type::other) {
    return;
  } else if (entry.type == Type::fifo) {
    if (::mknodat(parent, name.c_str(), S_IFIFO | 0600, 0) != 0) fail_at(entry.path, "making the pipe");
  } else {
    // A device 0:0 would hide a file of the layers below, as only a whiteout may.
    if (!rules_.makes_devices || entry.device == whiteout_device) {
      ++omissions_.devices;
      return;
    }
    const mode_t kind = entry.type == Type::character_device ? S_IFCHR : S_IFBLK;
    if (::mknodat(parent, name.c_str(), kind | 0600, entry.device) != 0) fail_at(entry.path, "making the device");
  }
  if (rules_.is_layer) own_name(parent, name, entry);
}

void LayerTree::put_whiteout(int parent, const std::string& name) {
  const auto old = status_of(parent, name);
  if (!old) {
    if (::mknodat(parent, name.c_str(), S_IFCHR, whiteout_device) != 0) fail_at(name, "making the whiteout of");
    return;
  }
  // What this layer itself has there stays: a whiteout is about the layers below. A file hides them anyway.
  if (!S_ISDIR(old->st_mode)) return;
  const Fd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) fail_at(name, "opening");
  make_opaque(directory.get());
}

void LayerTree::make_opaque(int directory) const {
  if (::fsetxattr(directory, rules_.opaque_mark.c_str(), "y", 1, 0) != 0)
    throw SysError(errno, "marking a directory as opaque");
}

// With an empty name, the owner of the open file itself.
void LayerTree::change_owner(int at, const std::string& name, const TarEntry& entry) {
  if (entry.uid < 0 || entry.gid < 0 || entry.uid > largest_id || entry.gid > largest_id) {
    throw Error(Errc::invalid_input,
                fmt::format("the entry '{}' has an owner that no file can have", util::printable(entry.path)));
  }
  if (rules_.squashes_owners) {
    omissions_.owners += entry.uid != 0 || entry.gid != 0 ? 1 : 0;
    return;
  }
  if (::fchownat(at, name.c_str(), static_cast<uid_t>(entry.uid), static_cast<gid_t>(entry.gid),
                 AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0)
    return;
  if (errno != EINVAL) fail_at(entry.path, "setting the owner of");
  throw Error(Errc::denied, fmt::format("the entry '{}' belongs to {}:{}, beyond the subordinate ids of this user",
                                        util::printable(entry.path), entry.uid, entry.gid))
      .hint("widen the ranges in /etc/subuid and /etc/subgid");
}

void LayerTree::own(int descriptor, const TarEntry& entry) {
  if (!rules_.is_layer) return;
  change_owner(descriptor, "", entry);
  if (::fchmod(descriptor, entry.mode) != 0) fail_at(entry.path, "setting the mode of");
}

void LayerTree::own_name(int parent, const std::string& name, const TarEntry& entry) {
  // A device can't be opened without effect; nobody else is in this tree, so the name is still what was just made.
  change_owner(parent, name, entry);
  if (entry.type != TarEntry::Type::symlink && ::fchmodat(parent, name.c_str(), entry.mode, 0) != 0)
    fail_at(entry.path, "setting the mode of");
  const std::array<timespec, 2> times{entry.modified, entry.modified};
  if (::utimensat(parent, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    fail_at(entry.path, "setting the time of");
}

void LayerTree::set_xattrs(int descriptor, const TarEntry& entry) {
  for (const auto& [name, value] : entry.xattrs) {
    const bool is_kept = may_keep(name) && ::fsetxattr(descriptor, name.c_str(), value.data(), value.size(), 0) == 0;
    omissions_.xattrs += is_kept ? 0 : 1;
  }
}

void LayerTree::finish() {
  last_parent_ = Fd();
  for (const auto& [path, time] : directory_times_) {
    Fd directory;
    try {
      directory = root_.open(path, O_RDONLY | O_DIRECTORY);
    } catch (const SysError&) {
      continue;  // a later entry has replaced it
    }
    const std::array<timespec, 2> times{time, time};
    if (::futimens(directory.get(), times.data()) != 0) fail_at(path, "setting the time of");
  }
}

}  // namespace vmtool::images
