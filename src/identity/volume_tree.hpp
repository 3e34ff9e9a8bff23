#pragma once
// The guest's tree over one or more mounted filesystems (a separate /var, say), for which nothing is mounted.

#include <map>

#include "identity/guest_fs.hpp"
#include "identity/guest_tree.hpp"

namespace vmtool::identity {

class VolumeTree final : public GuestTree {
 public:
  /// The filesystems must outlive the tree.
  explicit VolumeTree(GuestFs& root);
  /// Puts a filesystem over the directory `path` ("/var"), which no symbolic link may lead to.
  void mount(const std::string& path, GuestFs& filesystem);

  std::optional<Entry> look(const std::string& path) override;
  std::optional<Entry> resolve(const std::string& path) override;
  std::string read(const std::string& real_path, std::size_t limit) override;
  std::string read_link(const std::string& real_path) override;
  std::vector<std::string> list(const std::string& real_path) override;
  void apply(const Edit& edit) override;

 private:
  /// Where a walk stands; `path` is "" for the root.
  struct Place {
    std::string path;
    GuestFs* fs = nullptr;
    Inode inode = 0;
  };
  enum class LastLink { follow, keep };
  std::optional<Place> walk(const std::string& path, LastLink last);
  std::optional<Place> step(const Place& directory, const std::string& name);
  Place at(const std::string& real_path, Kind kind);
  void write(const Edit& edit, const Place& directory, const std::string& name);
  void link(const Edit& edit, const Place& directory, const std::string& name);

  std::map<std::string, GuestFs*> mounts_;  ///< "" is the root
};

}  // namespace vmtool::identity
