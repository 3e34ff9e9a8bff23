#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "ops/clone_overlay.hpp"
#include "ops/clone_plan.hpp"
#include "ops/execute_storage.hpp"
#include "ops/pool_table.hpp"
#include "storage/chain.hpp"
#include "storage/copy.hpp"
#include "storage/overlay.hpp"
#include "storage/seed.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// A chain that loops must not keep us for ever.
constexpr std::size_t longest_source_chain = 200;
// An overlay's own tables, and the pages that a new identity writes into it.
constexpr util::Bytes overlay_room = util::operator""_MiB(4);
constexpr util::Bytes seed_room = util::operator""_MiB(1);

class DiskPlanner {
 public:
  DiskPlanner(const virt::Connection& connection, const xml::CloneSource& source, const CloneOptions& options,
              bool is_live)
      : connection_(connection), source_(source), options_(options), is_live_(is_live), pools_(connection) {}

  DiskPlan plan(const xml::SourceDisk& disk) const {
    DiskPlan plan;
    plan.disk = disk;
    if (is_seed(disk)) {
      plan.way = DiskWay::seed;
      plan.format = "raw";
      plan.folder = folder_of(disk.path);
      if (const virt::Pool* pool = pools_.pool_of(disk.path)) plan.pool = pool->name();
      plan.needed = seed_room;
      return plan;
    }
    if (is_shared(disk)) return plan;
    check_kind(disk);
    resolve_volume(plan.disk);
    check_file(plan);
    const auto facts = facts_of(plan.disk.path);
    plan.capacity = facts.capacity;
    plan.folder = folder_of(plan.disk.path);
    if (const virt::Pool* pool = pools_.pool_of(plan.disk.path)) plan.pool = pool->name();
    plan.chain = chain_of_disk(plan.disk, facts);
    if (connection_.is_local() && ::access(plan.folder.c_str(), W_OK) != 0 && errno == EROFS) {
      throw util::SysError(EROFS, fmt::format("a clone of disk '{}' would lie in '{}', where nothing can be written",
                                              disk.target, plan.folder));
    }
    plan.by_libvirt = !connection_.is_local() || ::access(plan.disk.path.c_str(), R_OK) != 0 ||
                      ::access(plan.folder.c_str(), W_OK) != 0;
    choose_way(plan, facts);
    return plan;
  }

  // Room for all clones at once, by filesystem: pools may share one.
  void check_room(const std::vector<DiskPlan>& disks) const {
    std::map<std::string, std::uint64_t> needed;
    for (const DiskPlan& disk : disks)
      needed[disk.folder] += disk.way == DiskWay::shared ? 0 : disk.needed.count * options_.names.size();
    for (const auto& [folder, bytes] : needed) {
      if (bytes == 0) continue;
      const std::uint64_t free = free_bytes(folder, disks);
      if (bytes <= free) continue;
      throw Error(Errc::io, fmt::format("'{}' has {} left, and {} are needed", folder, util::to_human({free}),
                                        util::to_human({bytes})))
          .hint("make room on its file system, or use --mode linked, which takes little");
    }
  }

 private:
  static bool is_shared(const xml::SourceDisk& disk) {
    return disk.is_read_only || disk.is_shareable || disk.is_empty() || disk.device == "cdrom" ||
           disk.device == "floppy";
  }

  // The clone must not boot with the source's instance-id and name.
  bool is_seed(const xml::SourceDisk& disk) const {
    return connection_.is_local() && disk.is_read_only && disk.type == "file" &&
           ::access(disk.path.c_str(), R_OK) == 0 && storage::is_seed(disk.path);
  }

  void check_kind(const xml::SourceDisk& disk) const {
    if (disk.device != "disk" || (disk.type != "file" && disk.type != "volume")) {
      throw Error(Errc::unavailable,
                  fmt::format("disk '{}' of machine '{}' is of type {} ({}): only image files are cloned", disk.target,
                              source_.name, disk.type, disk.device))
          .hint("take the disk out of the source first, or mark it as shareable");
    }
    if (disk.is_encrypted)
      throw Error(Errc::unavailable, fmt::format("disk '{}' of machine '{}' is encrypted by QEMU, which is not handled",
                                                 disk.target, source_.name));
  }

  void resolve_volume(xml::SourceDisk& disk) const {
    if (disk.type != "volume") return;
    const auto volume = pool_or_throw(connection_, disk.pool).find_volume(disk.volume);
    if (!volume)
      throw Error(Errc::not_found,
                  fmt::format("disk '{}' of machine '{}' is missing: there is no volume '{}' in pool '{}'", disk.target,
                              source_.name, disk.volume, disk.pool));
    disk.path = volume->path();
  }

  void check_file(const DiskPlan& plan) const {
    const std::string& path = plan.disk.path;
    if (!connection_.is_local()) return;
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
      // A folder that is closed to this user may be a pool.
      if (errno == EACCES && pools_.find(path)) return;
      throw util::SysError(
          errno, fmt::format("disk '{}' of machine '{}' can't be read: '{}'", plan.disk.target, source_.name, path))
          .hint("bring the file back, or take the disk out of the machine");
    }
    if (!S_ISREG(facts.st_mode))
      throw Error(Errc::unavailable, fmt::format("disk '{}' of machine '{}' is no regular file: '{}'", plan.disk.target,
                                                 source_.name, path));
    if (plan.disk.format == "qcow2" && ::access(path.c_str(), R_OK) == 0 && !storage::has_qcow2_header(path)) {
      throw Error(Errc::invalid_input, fmt::format("disk '{}' of machine '{}' is damaged: '{}' is no qcow2 image",
                                                   plan.disk.target, source_.name, path))
          .hint("the definition may name another format than it has");
    }
  }

  xml::VolumeFacts facts_of(const std::string& path) const {
    if (auto facts = pools_.find(path)) return *facts;
    if (!connection_.is_local())
      throw Error(Errc::unavailable, fmt::format("'{}' lies in no active storage pool of the remote host", path))
          .hint("make its folder a pool there");
    if (::access(path.c_str(), R_OK) != 0 && errno == EACCES) {
      throw Error(
          Errc::denied,
          fmt::format(
              "'{}' can't be read by this user, and lies in no active storage pool, through which libvirt could", path))
          .hint("make its folder a pool, or run vmtool as root");
    }
    const storage::ImageFile image = storage::inspect(path);
    xml::VolumeFacts facts;
    facts.path = path;
    facts.format = image.format;
    facts.capacity = image.virtual_size;
    facts.allocation = image.actual_size;
    facts.backing_path = image.backing_path;
    facts.backing_format = image.backing_format;
    return facts;
  }

  // The machine's definition vouches for its own file; what that names further must be a volume.
  std::vector<identity::Image> chain_of_disk(const xml::SourceDisk& disk, xml::VolumeFacts facts) const {
    std::vector<identity::Image> chain{{disk.path, disk.format}};
    // A disk that is given as raw has no header, whatever its first bytes look like.
    while (disk.format != "raw" && !facts.backing_path.empty()) {
      const std::string path = facts.backing_path;
      const std::string format = facts.backing_format;
      if (chain.size() >= longest_source_chain)
        throw Error(Errc::invalid_input, fmt::format("the backing chain of disk '{}' has more than {} links",
                                                     disk.target, longest_source_chain));
      if (connection_.is_local() && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        throw Error(Errc::not_found, fmt::format("the backing file of disk '{}' of machine '{}' is missing: '{}'",
                                                 disk.target, source_.name, path))
            .hint("bring the file back");
      }
      const auto below = pools_.find(path);
      if (!below) {
        throw Error(Errc::conflict,
                    fmt::format("the backing file of disk '{}' of machine '{}' lies in no active storage pool: '{}'",
                                disk.target, source_.name, path))
            .hint("if it is meant, make its folder a pool: virsh pool-create-as NAME dir --target FOLDER");
      }
      if (format.empty())
        throw Error(Errc::conflict, fmt::format("the image '{}' does not say of what format its backing file is",
                                                chain.back().path.native()))
            .hint("write it down: qemu-img rebase -u -F FORMAT -b FILE IMAGE");
      chain.push_back({path, format});
      if (format == "raw") break;
      facts = *below;
    }
    return chain;
  }

  void choose_way(DiskPlan& plan, const xml::VolumeFacts& facts) const {
    if (is_live_ || !options_.snapshot.empty()) return plan_content(plan);
    const bool can_reflink = !plan.by_libvirt && options_.mode != CloneMode::full &&
                             options_.mode != CloneMode::linked && !options_.flatten &&
                             storage::can_reflink(plan.disk.path, plan.folder);
    switch (options_.mode) {
      case CloneMode::automatic:
        plan.way = can_reflink                                ? DiskWay::reflink
                   : source_.is_template && !options_.flatten ? DiskWay::linked
                                                              : DiskWay::copy;
        break;
      case CloneMode::full: plan.way = DiskWay::copy; break;
      case CloneMode::linked: plan.way = DiskWay::linked; break;
      case CloneMode::reflink: plan.way = DiskWay::reflink; break;
    }
    if (plan.way == DiskWay::reflink && !can_reflink) {
      throw Error(Errc::unavailable, fmt::format("'{}' can't be copied by sharing its blocks", plan.disk.path))
          .hint("reflinks need XFS or btrfs, and a file that this user may read; --mode linked needs neither");
    }
    plan.format = plan.way == DiskWay::linked ? "qcow2" : plan.disk.format;
    if (plan.way == DiskWay::linked) {
      plan_base(plan);
      return;
    }
    plan.flatten = options_.flatten && plan.chain.size() > 1;
    if (plan.way == DiskWay::copy) plan.needed = plan.flatten ? flat_size(plan) : facts.allocation;
    check_copy(plan);
  }

  // What is copied is what the guest sees, not a file.
  void plan_content(DiskPlan& plan) const {
    plan.way = DiskWay::copy;
    plan.flatten = true;
    plan.format = plan.disk.format == "raw" ? "raw" : "qcow2";
    plan.needed = flat_size(plan);
    if (is_live_) {
      plan.by_libvirt = false;  // QEMU itself
      if (plan.pool.empty() && (!connection_.is_local() || ::access(plan.folder.c_str(), W_OK) != 0)) {
        throw util::SysError(EACCES,
                             fmt::format("the folder of disk '{}' can't be written to, and is no storage pool: '{}'",
                                         plan.disk.target, plan.folder));
      }
      return;
    }
    check_copy(plan);
    if (plan.by_libvirt)
      throw util::SysError(EACCES, fmt::format("disk '{}' can't be read: '{}'", plan.disk.target, plan.disk.path));
    if (plan.disk.format == "qcow2" && storage::has_snapshot(plan.disk.path, plan.disk.format, options_.snapshot))
      return;
    throw Error(Errc::conflict, fmt::format("disk '{}' of '{}' has no state of snapshot '{}' in its own file",
                                            plan.disk.target, source_.name, util::printable(options_.snapshot)))
        .hint("only internal snapshots of qcow2 images can be cloned; revert to it and clone the machine");
  }

  util::Bytes flat_size(const DiskPlan& plan) const {
    std::uint64_t size = 0;
    for (const identity::Image& image : plan.chain) size += facts_of(image.path.native()).allocation.count;
    return {std::min(size, plan.capacity.count + plan.capacity.count / 1024 + (1U << 20))};
  }

  void check_copy(const DiskPlan& plan) const {
    if (!plan.by_libvirt) return;
    if (plan.pool.empty())
      throw util::SysError(EACCES, fmt::format("disk '{}' can't be read, and lies in no storage pool: '{}'",
                                               plan.disk.target, plan.disk.path));
    if (plan.chain.size() > 1 && !plan.flatten) {
      throw Error(Errc::unavailable,
                  fmt::format("disk '{}' stands on a backing file, which a copy by the libvirt daemon can't keep",
                              plan.disk.target))
          .hint("use --flatten or --mode linked");
    }
  }

  // An overlay that nothing was written to since it was made is not worth a link of the chain: its base is as good.
  void plan_base(DiskPlan& plan) const {
    plan.needed = overlay_room;
    plan.base = plan.chain;
    if (plan.disk.is_slice)
      throw Error(Errc::unavailable,
                  fmt::format("disk '{}' is only a part of its file: it can't be linked to", plan.disk.target))
          .hint("use --mode full");
    if (plan.pool.empty())
      throw Error(Errc::unavailable,
                  fmt::format("disk '{}' lies in no active storage pool: '{}'", plan.disk.target, plan.disk.path))
          .hint(fmt::format("make its folder a pool: virsh pool-create-as NAME dir --target {}", plan.folder));
    if (source_.is_template) return;
    if (plan.chain.size() > 1 && is_unwritten_overlay(connection_, plan.disk.path)) {
      plan.base.erase(plan.base.begin());
      return;
    }
    plan.source_overlay = free_overlay_path(plan);
  }

  std::string free_overlay_path(const DiskPlan& plan) const {
    for (unsigned number = 2;; ++number) {
      std::string path = fmt::format("{}/{}-{}-{}.qcow2", plan.folder, source_.name, plan.disk.name, number);
      if (!pools_.pool_of(path)->find_volume(file_name_of(path)) &&
          (!connection_.is_local() || ::access(path.c_str(), F_OK) != 0))
        return path;
    }
  }

  std::uint64_t free_bytes(const std::string& folder, const std::vector<DiskPlan>& disks) const {
    struct statvfs facts {};
    if (connection_.is_local() && ::statvfs(folder.c_str(), &facts) == 0)
      return std::uint64_t{facts.f_bavail} * facts.f_frsize;
    const auto disk =
        std::find_if(disks.begin(), disks.end(), [&](const DiskPlan& plan) { return plan.folder == folder; });
    return pool_or_throw(connection_, disk->pool).info().available_bytes;
  }

  const virt::Connection& connection_;
  const xml::CloneSource& source_;
  const CloneOptions& options_;
  bool is_live_;
  PoolTable pools_;
};

}  // namespace

std::vector<DiskPlan> plan_clone_disks(const virt::Connection& connection, const xml::CloneSource& source,
                                       const CloneOptions& options, bool is_live) {
  const DiskPlanner planner(connection, source, options, is_live);
  std::vector<DiskPlan> disks;
  for (const xml::SourceDisk& disk : source.disks) disks.push_back(planner.plan(disk));
  if (std::none_of(disks.begin(), disks.end(), is_copied) && options.identity_way != IdentityWay::none) {
    throw Error(Errc::not_found, fmt::format("machine '{}' has no disk that could be cloned", source.name))
        .hint("--identity none clones the machine without one");
  }
  planner.check_room(disks);
  return disks;
}

}  // namespace vmtool::ops
