#pragma once
// The words of mount(8) and of the OCI runtime-spec, sorted into what the kernel takes.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vmtool::isolation {

/// Options of one mount.
struct MountOptions {
  std::uint64_t set = 0;            ///< MOUNT_ATTR_* to set (mount_setattr(2))
  std::uint64_t clear = 0;          ///< MOUNT_ATTR_* to clear
  std::uint64_t recursive_set = 0;  ///< the same for everything below ("rro")
  std::uint64_t recursive_clear = 0;
  unsigned long propagation = 0;  ///< MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE, perhaps | MS_REC
  bool bind = false;
  bool recursive_bind = false;
  bool read_only_superblock = false;  ///< "ro" of a new filesystem
  bool copy_up = false;               ///< "tmpcopyup"
  bool idmap = false;
  bool recursive_idmap = false;
  std::vector<std::pair<std::string, std::string>> data{};  ///< options of the filesystem; a flag has no value
  friend bool operator==(const MountOptions&, const MountOptions&) = default;
};

/// Sorts the words. Throws Error{invalid_input} for a word that is empty or has a NUL.
MountOptions parse_mount_options(const std::vector<std::string>& words);

/// All words that are not options of a filesystem, sorted; for `features`.
std::vector<std::string> known_mount_options();

/// Flags of mount(2) for attributes, for kernels without the new calls.
unsigned long classic_flags(std::uint64_t attributes) noexcept;

}  // namespace vmtool::isolation
