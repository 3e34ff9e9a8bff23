#pragma once
// Renews the identity of a system on unmounted disks: facts → plan → staged edits → read back → commit.

#include <functional>
#include <memory>
#include <vector>

#include "identity/block_device.hpp"
#include "identity/guest_fs.hpp"
#include "identity/host_keys.hpp"
#include "identity/options.hpp"
#include "identity/plan.hpp"
#include "identity/report.hpp"
#include "identity/root_finder.hpp"
#include "identity/staged_volume.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

/// Thrown before anything is changed where e2fsck has to see to a filesystem first.
class NeedsFsck : public util::Error {
 public:
  NeedsFsck(std::size_t disk, const Partition& partition);
  std::size_t disk() const noexcept { return disk_; }
  std::uint64_t offset() const noexcept { return offset_; }
  std::uint64_t size() const noexcept { return size_; }

 private:
  std::size_t disk_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

/// A filesystem whose usage files (quota) only e2fsck brings up to date after the edit.
struct FsckAfter {
  std::size_t disk = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct DiskRun {
  std::size_t disk = 0;
  std::uint64_t offset = 0;  ///< on the disk
  std::vector<unsigned char> bytes;
};

/// Hears of everything that is about to be written, before the first write; a throw leaves the disks as they are.
using BeforeCommit = std::function<void(const std::vector<DiskRun>&)>;

struct DiskResult {
  Report report;
  std::vector<FsckAfter> fsck_after;
};

/// The engine for unmounted disks. Nothing is written unless every edit was staged and read back; a throw after that
/// comes from a write or flush, and only then may the disks hold a part of the edit.
class DiskEngine {
 public:
  /// The devices and the key source must outlive the engine.
  DiskEngine(std::vector<BlockDevice*> disks, KeySource& keys);

  /// Throws NeedsFsck, NeedsAppliance where a filesystem can't be edited in place, and what find_guest, make_plan and the filesystems throw.
  DiskResult run(const Options& options, const RootChoice& root, Mode mode, const BeforeCommit& before_commit);

 private:
  struct Mounted;
  DiskResult run_on(const std::vector<DiskView>& views, const Options& options, const RootChoice& root, Mode mode,
                    const BeforeCommit& before_commit);
  Mounted mount(const std::vector<DiskView>& views, const GuestLayout& layout, Mode mode, DiskResult& result) const;
  void commit(Mounted& mounted, const GuestLayout& layout, const BeforeCommit& before_commit) const;

  std::vector<BlockDevice*> disks_;
  KeySource& keys_;
};

}  // namespace vmtool::identity
