#include "identity/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "identity/ext4_fs.hpp"
#include "identity/fat_fs.hpp"
#include "identity/tree_engine.hpp"
#include "identity/var_binding.hpp"
#include "identity/volume_tree.hpp"
#include "identity/xfs_fs.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

// A filesystem on a staged volume, by what the partition holds.
std::unique_ptr<GuestFs> open_filesystem(const std::string& content, StagedVolume& volume, Ext4Fs::Access access) {
  if (content == "vfat") return std::make_unique<FatFs>(volume);
  if (content == "xfs") return std::make_unique<XfsFs>(volume);
  return std::make_unique<Ext4Fs>(volume, access);
}

std::vector<std::string> contents_of(const std::vector<DiskView>& views) {
  std::vector<std::string> contents;
  for (const DiskView& view : views) {
    for (const Partition& partition : view.partitions) contents.push_back(partition.content);
  }
  return contents;
}

// ext and XFS filesystems, and FAT ones for boot loaders, to look at.
class OfflineOpener final : public FilesystemOpener {
 public:
  bool can_edit(const std::string& content) const override {
    return content == "ext2" || content == "ext3" || content == "ext4" || content == "xfs";
  }
  std::unique_ptr<GuestFs> open(const DiskView& disk, const MountPlace& place) override {
    const Partition& partition = disk.partitions[place.partition];
    volumes_.push_back(std::make_unique<StagedVolume>(*disk.device, partition.offset, partition.size));
    return open_filesystem(partition.content, *volumes_.back(), Ext4Fs::Access::inspect);
  }

 private:
  std::vector<std::unique_ptr<StagedVolume>> volumes_;
};

}  // namespace

NeedsFsck::NeedsFsck(std::size_t disk, const Partition& partition)
    : Error(Errc::conflict, fmt::format("the journal of {} has not been replayed", describe(disk, partition))),
      disk_(disk),
      offset_(partition.offset),
      size_(partition.size) {}

// The filesystems of a guest, all on staged volumes; index-parallel with the layout's mounts.
struct DiskEngine::Mounted {
  std::vector<std::string> contents;
  std::vector<std::unique_ptr<StagedVolume>> volumes;
  std::vector<std::unique_ptr<GuestFs>> filesystems;
  std::unique_ptr<VolumeTree> tree;

  void open(const GuestLayout& layout, Ext4Fs::Access access) {
    tree.reset();
    filesystems.clear();
    for (std::size_t i = 0; i < layout.mounts.size(); ++i) {
      filesystems.push_back(open_filesystem(contents[i], *volumes[i], access));
      if (i == 0) tree = std::make_unique<VolumeTree>(*filesystems[0]);
      else tree->mount(layout.mounts[i].mount_point, *filesystems[i]);
    }
  }
};

DiskEngine::DiskEngine(std::vector<BlockDevice*> disks, KeySource& keys) : disks_(std::move(disks)), keys_(keys) {}

// All filesystems of the layout, each on a staged volume of its own; none may wait for e2fsck if it is to be edited.
DiskEngine::Mounted DiskEngine::mount(const std::vector<DiskView>& views, const GuestLayout& layout, Mode mode,
                                      DiskResult& result) const {
  Mounted mounted;
  for (const MountPlace& place : layout.mounts) {
    const Partition& partition = views[place.disk].partitions[place.partition];
    mounted.contents.push_back(partition.content);
    mounted.volumes.push_back(
        std::make_unique<StagedVolume>(*views[place.disk].device, partition.offset, partition.size));
  }
  mounted.open(layout, Ext4Fs::Access::inspect);
  for (std::size_t i = 0; i < layout.mounts.size(); ++i) {
    const MountPlace& place = layout.mounts[i];
    const Partition& partition = views[place.disk].partitions[place.partition];
    const auto* xfs = dynamic_cast<const XfsFs*>(mounted.filesystems[i].get());
    if (xfs != nullptr && mode == Mode::renew && !xfs->is_clean())
      throw NotInPlace(fmt::format("the log of {} has not been replayed", describe(place.disk, partition)));
    const auto* ext = dynamic_cast<const Ext4Fs*>(mounted.filesystems[i].get());
    if (ext == nullptr) continue;
    const Ext4State state = ext->state();
    if (state.needs_recovery && mode == Mode::renew) throw NeedsFsck(place.disk, partition);
    if (state.has_quota && mode == Mode::renew)
      result.fsck_after.push_back({place.disk, partition.offset, partition.size});
  }
  return mounted;
}

void DiskEngine::commit(Mounted& mounted, const GuestLayout& layout, const BeforeCommit& before_commit) const {
  std::vector<DiskRun> runs;
  for (std::size_t i = 0; i < layout.mounts.size(); ++i) {
    for (StagedVolume::Run& run : mounted.volumes[i]->changes())
      runs.push_back({layout.mounts[i].disk, run.offset, std::move(run.bytes)});
  }
  if (before_commit) before_commit(runs);
  // The root, and with it the machine-id, last.
  for (std::size_t i = layout.mounts.size(); i-- > 0;) mounted.volumes[i]->commit();
}

DiskResult DiskEngine::run(const Options& options, const RootChoice& root, Mode mode,
                           const BeforeCommit& before_commit) {
  check(options);
  std::vector<DiskView> views;
  for (BlockDevice* device : disks_) views.push_back(view_of(*device));
  try {
    return run_on(views, options, root, mode, before_commit);
  } catch (const NotInPlace& error) {
    throw NeedsAppliance(error.kind(), error.message(), contents_of(views));
  }
}

DiskResult DiskEngine::run_on(const std::vector<DiskView>& views, const Options& options, const RootChoice& root,
                              Mode mode, const BeforeCommit& before_commit) {
  OfflineOpener opener;
  const GuestLayout layout = find_guest(views, root, opener);
  DiskResult result;
  Mounted mounted = mount(views, layout, mode, result);
  if (mode == Mode::renew) require_var_stays(views, layout, *mounted.tree, options);
  if (mode == Mode::renew) mounted.open(layout, Ext4Fs::Access::edit);
  Plan plan = plan_for(*mounted.tree, options, keys_, mode);
  result.report = std::move(plan.report);
  result.report.warnings.insert(result.report.warnings.end(), layout.warnings.begin(), layout.warnings.end());
  if (mode == Mode::show) return result;
  for (const Edit& edit : plan.edits) mounted.tree->apply(edit);
  for (const auto& filesystem : mounted.filesystems) filesystem->finish();
  mounted.open(layout, Ext4Fs::Access::inspect);
  require_applied(*mounted.tree, plan.edits);
  commit(mounted, layout, before_commit);
  return result;
}

}  // namespace vmtool::identity
