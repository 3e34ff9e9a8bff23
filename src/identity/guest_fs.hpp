#pragma once
// One filesystem inside a guest's disk, by inode; paths and symbolic links are the business of VolumeTree.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/guest_tree.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

using Inode = std::uint32_t;

/// Thrown where only a kernel that mounts the filesystem could do it. Nothing has changed then but what is staged.
class NotInPlace : public util::Error {
 public:
  explicit NotInPlace(const std::string& message) : Error(util::Errc::conflict, message) {
    hint("let the micro-appliance do it: '--identity auto'");
  }
};

/// Every call throws Error{io} where the filesystem is damaged or refuses it; nothing of it ever touches the host's
/// own files.
class GuestFs {
 public:
  virtual ~GuestFs() = default;
  virtual Inode root() const = 0;
  /// The entry `name` of a directory.
  virtual std::optional<Inode> lookup(Inode directory, const std::string& name) = 0;
  virtual Attributes attributes(Inode inode) = 0;
  /// The content of a regular file or the target of a symbolic link. Throws Error{invalid_input} past `limit` bytes.
  virtual std::string read(Inode inode, std::size_t limit) = 0;
  /// Names in a directory without "." and "..", in the filesystem's own order.
  virtual std::vector<std::string> list(Inode directory) = 0;
  /// Replaces the content of a regular file; owner, mode, ACL and label stay.
  virtual void overwrite(Inode inode, std::string_view content) = 0;
  /// Makes a file that takes its label from the directory.
  virtual Inode make_file(Inode directory, const std::string& name, std::string_view content,
                          const Ownership& owner) = 0;
  virtual Inode make_symlink(Inode directory, const std::string& name, const std::string& target) = 0;
  /// Removes a file, a symbolic link or an empty directory.
  virtual void remove(Inode directory, const std::string& name) = 0;
  /// The SELinux label (extended attribute security.selinux), byte for byte.
  virtual std::optional<std::string> label(Inode inode) = 0;
  virtual void set_label(Inode inode, const std::string& label) = 0;
  /// Hands every pending change to the volume below.
  virtual void finish() = 0;
};

}  // namespace vmtool::identity
