#include "isolation/mount.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "isolation/system.hpp"

namespace vmtool::isolation {
namespace {

using util::Fd;

/// Sets atime only together with its mask: the kernel wants the field cleared when it is set.
std::uint64_t with_atime_mask(std::uint64_t set, std::uint64_t clear) noexcept {
  return (set & MOUNT_ATTR__ATIME) != 0 ? clear | MOUNT_ATTR__ATIME : clear & ~std::uint64_t{MOUNT_ATTR__ATIME};
}

int open_target(const MountStep& step, const Child& child) noexcept {
  if (step.is_file) return make_file_in_root(child.root, step.destination.c_str());
  return make_directory_in_root(child.root, step.destination.c_str(), step.links);
}

Outcome mount_classic(const MountStep& step, int target) noexcept {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", target);
  const unsigned long flags = classic_flags(step.options.set);
  if (step.type == "bind") {
    const unsigned long recursive = step.options.recursive_bind ? static_cast<unsigned long>(MS_REC) : 0UL;
    if (::mount(step.source.c_str(), path, nullptr, MS_BIND | recursive, nullptr) != 0) return Outcome::last_error();
    if (flags == 0) return {};
    // The descriptor still names what lies under the new mount, so the path is looked up again from its parent.
    return {ENOSYS, "flags on a bind mount need mount_setattr(2)"};
  }
  char data[PATH_MAX];
  std::size_t used = 0;
  for (const auto& [key, value] : step.options.data) {
    const int wrote = std::snprintf(data + used, sizeof data - used, "%s%s%s%s", used == 0 ? "" : ",", key.c_str(),
                                    value.empty() ? "" : "=", value.c_str());
    used += static_cast<std::size_t>(wrote);
    if (used >= sizeof data) return {E2BIG, "the mount options are too long"};
  }
  data[used] = '\0';
  if (::mount(step.source.c_str(), path, step.type.c_str(), flags, data) != 0) return Outcome::last_error();
  return {};
}

int open_source(const MountStep& step, const Child& child, const char** detail) noexcept {
  if (step.tree) return child.trees[*step.tree];
  if (step.type == "bind") {
    const unsigned recursive = step.options.recursive_bind ? AT_RECURSIVE : 0U;
    *detail = "opening the source";
    return ::open_tree(AT_FDCWD, step.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
  }
  return make_filesystem(step.type.c_str(), step.source.c_str(), step.options.data, step.options.read_only_superblock,
                         static_cast<unsigned>(step.options.set), detail);
}

}  // namespace

int make_filesystem(const char* type, const char* source, const std::vector<std::pair<std::string, std::string>>& data,
                    bool read_only, unsigned attributes, const char** detail) noexcept {
  const Fd context(::fsopen(type, FSOPEN_CLOEXEC));
  if (!context) {
    *detail = errno == ENODEV ? "the kernel has no such filesystem" : nullptr;
    return -1;
  }
  if (source != nullptr && *source != '\0' &&
      ::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", source, 0) != 0) {
    *detail = "setting the source";
    return -1;
  }
  for (const auto& [key, value] : data) {
    const int set = value.empty() ? ::fsconfig(context.get(), FSCONFIG_SET_FLAG, key.c_str(), nullptr, 0)
                                  : ::fsconfig(context.get(), FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0);
    if (set != 0) {
      *detail = key.c_str();
      return -1;
    }
  }
  if (read_only && ::fsconfig(context.get(), FSCONFIG_SET_FLAG, "ro", nullptr, 0) != 0) return -1;
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return -1;
  return ::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes);
}

Outcome change_mount(int mount, std::uint64_t set, std::uint64_t clear, std::uint64_t propagation,
                     bool recursive) noexcept {
  mount_attr attributes{};
  attributes.attr_set = set;
  attributes.attr_clr = with_atime_mask(set, clear);
  attributes.propagation = propagation;
  if (attributes.attr_set == 0 && attributes.attr_clr == 0 && propagation == 0) return {};
  const unsigned flags = AT_EMPTY_PATH | (recursive ? unsigned{AT_RECURSIVE} : 0U);
  return ::mount_setattr(mount, "", flags, &attributes, sizeof attributes) == 0 ? Outcome{} : Outcome::last_error();
}

Outcome attach(int mount, int target) noexcept {
  return ::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0
             ? Outcome{}
             : Outcome::last_error();
}

Outcome run(const MountStep& step, Child& child) noexcept {
  const Fd target(open_target(step, child));
  if (!target) {
    if (errno == ELOOP && step.links == Links::refuse)
      return {ELOOP, "the mount point must be a real directory, not a symlink"};
    return Outcome::last_error("opening the mount point");
  }
  if (step.classic) return mount_classic(step, target.get());
  const char* detail = nullptr;
  const Fd mount(open_source(step, child, &detail));
  if (!mount) {
    if (errno == ENOSYS) return mount_classic(step, target.get());
    return Outcome::last_error(detail);
  }
  if (step.type == "bind") {
    if (auto done = change_mount(mount.get(), step.options.set, step.options.clear, 0, false); !done) return done;
  }
  if (auto done = change_mount(mount.get(), step.options.recursive_set, step.options.recursive_clear, 0, true); !done) {
    return done;
  }
  if (auto done = attach(mount.get(), target.get()); !done) return done;
  if (step.options.propagation == 0) return {};
  return change_mount(mount.get(), 0, 0, step.options.propagation & ~static_cast<unsigned long>(MS_REC),
                      (step.options.propagation & MS_REC) != 0);
}

Outcome run(const CgroupMount& step, Child& child) noexcept {
  const Fd target(make_directory_in_root(child.root, step.destination.c_str(), Links::refuse));
  if (!target) return Outcome::last_error("opening the mount point");
  const bool read_only = (step.options.set & MOUNT_ATTR_RDONLY) != 0;
  const auto attributes = static_cast<unsigned>(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
                                                (read_only ? MOUNT_ATTR_RDONLY : 0));
  const char* detail = nullptr;
  if (step.hierarchies.empty()) {
    const Fd mount(make_filesystem("cgroup2", "cgroup", {}, false, attributes, &detail));
    return mount ? attach(mount.get(), target.get()) : Outcome::last_error(detail);
  }
  const Fd base(make_filesystem("tmpfs", "cgroup", {{"mode", "755"}}, false,
                                MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, &detail));
  if (!base) return Outcome::last_error(detail);
  if (auto done = attach(base.get(), target.get()); !done) return done;
  for (const auto& [name, options] : step.hierarchies) {
    if (::mkdirat(base.get(), name.c_str(), 0755) != 0)
      return Outcome::last_error("making a directory for a hierarchy");
    const Fd point(open_in_root(base.get(), name.c_str(), O_PATH | O_DIRECTORY, Links::refuse));
    if (!point) return Outcome::last_error("opening the directory of a hierarchy");
    const bool is_v2 = options == "cgroup2";
    const auto equals = options.find('=');
    const std::pair<std::string, std::string> option{options.substr(0, equals),
                                                     equals == std::string::npos ? "" : options.substr(equals + 1)};
    const Fd mount(is_v2 ? make_filesystem("cgroup2", "cgroup", {}, false, attributes, &detail)
                         : make_filesystem("cgroup", "cgroup", {option}, false, attributes, &detail));
    if (!mount) return Outcome::last_error("mounting a cgroup hierarchy");
    if (auto done = attach(mount.get(), point.get()); !done) return done;
  }
  return change_mount(base.get(), read_only ? MOUNT_ATTR_RDONLY : 0, 0, 0, false);
}

}  // namespace vmtool::isolation
