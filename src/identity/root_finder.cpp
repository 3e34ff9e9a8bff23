#include "identity/root_finder.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "identity/fstab.hpp"
#include "identity/volume_tree.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view root_type = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";  // root-x86-64
constexpr std::string_view boot_type = "bc13c2ff-59e6-4262-a352-b275fd6f7172";  // XBOOTLDR
constexpr std::string_view esp_type = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

// What a kernel that mounts it can edit (appliance.hpp).
bool is_for_appliance(const std::string& content) { return content == "xfs" || content == "btrfs"; }

std::string describe(const MountPlace& place, const Partition& partition) {
  return fmt::format("{} ({})", describe(place.disk, partition),
                     partition.content.empty() ? "nothing known" : partition.content);
}

// The next step for what can't be edited in place.
std::string hint_for(const std::vector<std::string>& contents) {
  const auto has = [&](const char* type) {
    return std::find(contents.begin(), contents.end(), type) != contents.end();
  };
  if (has("crypto_LUKS"))
    return "an encrypted guest has to renew its own identity: start it and use 'vmtool identity reset'";
  if (has("ntfs")) return "Windows guests are generalised from inside, by sysprep; use '--identity none'";
  return "use '--identity none', and renew the identity from inside the guest";
}

// What a candidate says of itself; empty fstab where it has none.
struct Candidate {
  MountPlace place;
  std::string fstab;
  bool is_root_type = false;
};

std::optional<Candidate> examine(const DiskView& disk, const MountPlace& place, FilesystemOpener& opener) {
  const Partition& partition = disk.partitions[place.partition];
  const std::unique_ptr<GuestFs> fs = opener.open(disk, place);
  VolumeTree tree(*fs);
  const auto etc = tree.resolve("/etc");
  if (!etc || etc->attributes.kind != Kind::directory) return std::nullopt;
  Candidate found{.place = place, .fstab = {}, .is_root_type = partition.type == root_type};
  bool is_system = tree.resolve("/etc/os-release").has_value() || tree.look("/etc/os-release").has_value();
  const auto fstab = tree.resolve("/etc/fstab");
  if (fstab && fstab->attributes.kind == Kind::file) {
    is_system = true;
    found.fstab = tree.read(fstab->path, 1 << 20);
  }
  if (!is_system && !found.is_root_type) return std::nullopt;
  return found;
}

std::optional<MountPlace> find_spec(const std::vector<DiskView>& disks, const FstabEntry& entry) {
  for (std::size_t disk = 0; disk < disks.size(); ++disk) {
    for (std::size_t index = 0; index < disks[disk].partitions.size(); ++index) {
      if (names_partition(entry.spec, disks[disk].partitions[index], disk))
        return MountPlace{entry.mount_point, disk, index};
    }
  }
  return std::nullopt;
}

bool has_option(const FstabEntry& entry, const char* option) {
  return std::find(entry.options.begin(), entry.options.end(), option) != entry.options.end();
}

std::string subvolume_of(const FstabEntry& entry) {
  for (const std::string& option : entry.options) {
    if (option.starts_with("subvol=")) return option.substr(std::string_view("subvol=").size());
  }
  return {};
}

bool holds_identity(const std::string& mount_point) {
  for (const char* top : {"/etc", "/var"}) {
    if (mount_point == top || mount_point.starts_with(std::string(top) + "/")) return true;
  }
  return false;
}

bool holds_boot_loader(const std::string& mount_point) {
  return mount_point == "/boot" || mount_point == "/boot/efi" || mount_point == "/efi";
}

class Finder {
 public:
  Finder(const std::vector<DiskView>& disks, const RootChoice& choice, FilesystemOpener& opener)
      : disks_(disks), choice_(choice), opener_(opener) {}

  GuestLayout find() {
    for (std::size_t disk = 0; disk < disks_.size(); ++disk) {
      for (std::size_t index = 0; index < disks_[disk].partitions.size(); ++index) consider({"", disk, index});
    }
    const Candidate root = choose();
    GuestLayout layout{.mounts = {root.place}, .warnings = {}};
    for (const FstabEntry& entry : parse_fstab(root.fstab)) follow(entry, root, layout);
    std::stable_sort(layout.mounts.begin(), layout.mounts.end(), [](const MountPlace& a, const MountPlace& b) {
      return a.mount_point.size() < b.mount_point.size();
    });
    return layout;
  }

 private:
  bool is_wanted(const MountPlace& place, const Partition& partition) const {
    return (choice_.disk < 0 || static_cast<std::size_t>(choice_.disk) == place.disk) &&
           (choice_.partition < 0 || choice_.partition == partition.number);
  }

  void consider(const MountPlace& place) {
    const Partition& partition = disks_[place.disk].partitions[place.partition];
    if (!is_wanted(place, partition)) return;
    contents_.push_back(partition.content);
    if (!opener_.can_edit(partition.content)) {
      passed_over_.push_back(describe(place, partition));
      return;
    }
    if (partition.type == boot_type || partition.type == esp_type) return;
    try {
      if (auto candidate = examine(disks_[place.disk], place, opener_)) candidates_.push_back(std::move(*candidate));
      else passed_over_.push_back(describe(place, partition) + " without a system");
    } catch (const NotInPlace& error) {
      needs_kernel_ = true;
      passed_over_.push_back(fmt::format("{}: {}", describe(place, partition), error.message()));
    } catch (const Error& error) {
      passed_over_.push_back(fmt::format("{}: {}", describe(place, partition), error.message()));
    }
  }

  Candidate choose() const {
    if (candidates_.empty()) {
      const std::string message =
          fmt::format("no root filesystem that can be edited was found: {}",
                      passed_over_.empty() ? "there is no such partition" : util::join(passed_over_, "; "));
      const bool appliance = std::any_of(contents_.begin(), contents_.end(), [&](const std::string& content) {
        return is_for_appliance(content) && !opener_.can_edit(content);
      });
      if (appliance || needs_kernel_) throw NeedsAppliance(Errc::not_found, message, all_contents());
      throw Error(Errc::not_found, message).hint(hint_for(contents_));
    }
    if (candidates_.size() == 1) return candidates_.front();
    const auto typed = [](const Candidate& candidate) { return candidate.is_root_type; };
    if (std::count_if(candidates_.begin(), candidates_.end(), typed) == 1) {
      return *std::find_if(candidates_.begin(), candidates_.end(), typed);
    }
    std::vector<std::string> names;
    for (const Candidate& candidate : candidates_) {
      names.push_back(describe(candidate.place, disks_[candidate.place.disk].partitions[candidate.place.partition]));
    }
    throw Error(Errc::conflict, "there are several root filesystems: " + util::join(names, "; "))
        .hint("name the one that is meant");
  }

  void follow(const FstabEntry& entry, const Candidate& root, GuestLayout& layout) const {
    if (entry.mount_point == "/") return check_root(entry, root, layout);
    const bool needed = holds_identity(entry.mount_point);
    if (!needed && !holds_boot_loader(entry.mount_point)) return;
    if (has_option(entry, "noauto") || has_option(entry, "bind") || entry.type == "tmpfs" || entry.type == "none")
      return;
    auto place = find_spec(disks_, entry);
    if (place) place->subvolume = subvolume_of(entry);
    const std::string where = fmt::format("'{}' of the guest ({}, {})", util::printable(entry.mount_point),
                                          util::printable(entry.spec), util::printable(entry.type));
    if (place && can_be_edited(*place, needed)) {
      layout.mounts.push_back(*place);
    } else if (place && needed && is_for_appliance(disks_[place->disk].partitions[place->partition].content)) {
      throw NeedsAppliance(Errc::conflict, where + " is a filesystem that can't be edited in place", all_contents());
    } else if (needed) {
      throw Error(Errc::conflict,
                  where + (place ? " is a filesystem that can't be edited in place" : " is on none of the disks"))
          .hint(hint_for(contents_));
    } else if (place || entry.mount_point == "/boot") {
      layout.warnings.push_back(where + " was not looked at");
    }
  }

  std::vector<std::string> all_contents() const {
    std::vector<std::string> contents;
    for (const DiskView& disk : disks_) {
      for (const Partition& partition : disk.partitions) contents.push_back(partition.content);
    }
    return contents;
  }

  // A FAT filesystem can hold a boot loader's files, never the guest's own.
  bool can_be_edited(const MountPlace& place, bool needed) const {
    const Partition& partition = disks_[place.disk].partitions[place.partition];
    if (opener_.can_edit(partition.content)) return true;
    if (needed || partition.content != "vfat") return false;
    try {
      const auto filesystem = opener_.open(disks_[place.disk], place);
      filesystem->list(filesystem->root());
      return true;
    } catch (const Error&) {
      return false;  // damaged: the system above it is renewed all the same
    }
  }

  void check_root(const FstabEntry& entry, const Candidate& root, GuestLayout& layout) const {
    const auto named = find_spec(disks_, entry);
    if (!named) {
      layout.warnings.push_back(fmt::format("the guest's fstab calls its root '{}', which is on none of the disks",
                                            util::printable(entry.spec)));
    } else if (named->disk != root.place.disk || named->partition != root.place.partition) {
      throw Error(Errc::conflict, fmt::format("the fstab that was found names another root filesystem ({})",
                                              util::printable(entry.spec)))
          .hint("name the root filesystem that is meant");
    }
  }

  const std::vector<DiskView>& disks_;
  RootChoice choice_;
  FilesystemOpener& opener_;
  std::vector<Candidate> candidates_;
  std::vector<std::string> passed_over_;
  std::vector<std::string> contents_;
  bool needs_kernel_ = false;  // of what was passed over
};

}  // namespace

DiskView view_of(BlockDevice& device) { return {&device, probe_partitions(device)}; }

GuestLayout find_guest(const std::vector<DiskView>& disks, const RootChoice& choice, FilesystemOpener& opener) {
  return Finder(disks, choice, opener).find();
}

}  // namespace vmtool::identity
