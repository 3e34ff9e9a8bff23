#pragma once
// The directory that a layer is unpacked into. Whatever the entries say, nothing outside of it is touched: every path is
// resolved by openat2(2) below it, and one that passes a symbolic link is refused.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <sys/stat.h>

#include "images/layer_path.hpp"
#include "images/tar_reader.hpp"
#include "util/dir_fd.hpp"

namespace vmtool::images {

/// How entries become files.
struct TreeRules {
  /// Whether whiteouts, owners, modes, devices and extended attributes count. Without it, only files, directories and links are
  /// made, with modes of the process's own: a tar archive that merely carries files.
  bool is_layer = true;
  /// The attribute that marks a directory as opaque: trusted.overlay.opaque, or user.overlay.opaque inside of a user namespace
  /// (kernel, overlayfs.rst, "User xattr").
  std::string opaque_mark = "trusted.overlay.opaque";
  bool makes_devices = true;     ///< without it device nodes are left out
  bool squashes_owners = false;  ///< everything belongs to the one who unpacks
};

/// What was left out or changed, for a note to the user.
struct TreeOmissions {
  std::uint64_t devices = 0;
  std::uint64_t owners = 0;
  std::uint64_t xattrs = 0;
};

class LayerTree {
 public:
  LayerTree(util::DirFd root, TreeRules rules);

  /// Makes one entry; `read` gives the content of a file. An earlier entry of that path is replaced, of two directories the later one's
  /// attributes count. Throws Error{invalid_input} for an entry that leads outside, SysError.
  void put(const TarEntry& entry, const std::function<std::optional<TarBlock>()>& read);
  /// To be called at the end: sets the times of the directories. Throws SysError.
  void finish();

  const TreeOmissions& omissions() const noexcept { return omissions_; }

 private:
  int parent_of(const std::string& path);
  util::Fd make_parents(const std::string& path);
  void put_root(const TarEntry& entry);
  void put_directory(const TarEntry& entry, int parent, const std::string& path, const std::string& name, bool stands,
                     bool replaces_whiteout);
  void put_file(const TarEntry& entry, int parent, const std::string& name,
                const std::function<std::optional<TarBlock>()>& read);
  void put_hardlink(const TarEntry& entry, int parent, const std::string& path, const std::string& name);
  void put_node(const TarEntry& entry, int parent, const std::string& name);
  void put_whiteout(int parent, const std::string& name);
  void make_opaque(int directory) const;
  void change_owner(int at, const std::string& name, const TarEntry& entry);
  void own(int descriptor, const TarEntry& entry);
  void own_name(int parent, const std::string& name, const TarEntry& entry);
  void set_xattrs(int descriptor, const TarEntry& entry);

  util::DirFd root_;
  TreeRules rules_;
  TreeOmissions omissions_;
  std::map<std::string, timespec> directory_times_;
  std::string last_parent_path_;
  util::Fd last_parent_;
};

/// Removes what `name` is below the open directory `parent`, with all that is in it, however deep. Throws SysError.
void remove_below(int parent, const std::string& name);

}  // namespace vmtool::images
