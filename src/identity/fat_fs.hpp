#pragma once
// An EFI system partition: files are read, and those that keep their length are written in place.

#include <map>
#include <optional>
#include <vector>

#include "identity/fat_layout.hpp"
#include "identity/guest_fs.hpp"

namespace vmtool::identity {

class FatFs final : public GuestFs {
 public:
  /// Throws Error{invalid_input} where it is no FAT filesystem. The volume must outlive the object.
  explicit FatFs(StagedVolume& volume);

  Inode root() const override { return 0; }
  /// Names are compared without regard to case, as FAT does.
  std::optional<Inode> lookup(Inode directory, const std::string& name) override;
  Attributes attributes(Inode inode) override;
  std::string read(Inode inode, std::size_t limit) override;
  std::vector<std::string> list(Inode directory) override;
  /// Throws Error{conflict} for another length than the file has.
  void overwrite(Inode inode, std::string_view content) override;
  /// These three throw Error{conflict}: nothing is made or removed on such a partition.
  Inode make_file(Inode directory, const std::string& name, std::string_view content, const Ownership& owner) override;
  Inode make_symlink(Inode directory, const std::string& name, const std::string& target) override;
  void remove(Inode directory, const std::string& name) override;
  std::optional<std::string> label(Inode) override { return std::nullopt; }
  void set_label(Inode, const std::string&) override {}
  void finish() override {}

 private:
  const std::optional<FatEntry>& at(Inode inode) const { return entries_.at(inode); }
  Inode number_of(Inode directory, const FatEntry& entry);

  StagedVolume& volume_;
  FatLayout layout_;
  std::vector<std::optional<FatEntry>> entries_;  ///< by Inode; the root is none
  std::map<std::pair<Inode, std::string>, Inode> numbers_;
};

}  // namespace vmtool::identity
