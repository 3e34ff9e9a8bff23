#include "identity/engine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "identity/ext4_fs.hpp"
#include "identity/machine_id.hpp"
#include "identity/volume_tree.hpp"
#include "util/random.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view var_type = "4d21b016-b534-45c2-a9fb-5c16e091fd2d";
constexpr std::size_t largest_file = 1 << 20;

std::string key_comment(const Options& options) {
  return "root@" + (options.hostname.empty() ? std::string("localhost") : options.hostname);
}

std::string describe(std::size_t disk, const Partition& partition) {
  return partition.number == 0 ? fmt::format("disk {}", disk + 1) : fmt::format("disk {} partition {}", disk + 1, partition.number);
}

bool shows(GuestTree& tree, const Edit& edit) {
  const auto entry = tree.look(edit.path);
  if (edit.action == Edit::Action::remove) return !entry;
  if (!entry) return false;
  if (edit.action == Edit::Action::symlink) {
    return entry->attributes.kind == Kind::symlink && tree.read_link(entry->path) == edit.content;
  }
  return entry->attributes.kind == Kind::file && tree.read(entry->path, largest_file) == edit.content;
}

}  // namespace

NeedsFsck::NeedsFsck(std::size_t disk, const Partition& partition)
    : Error(Errc::conflict, fmt::format("the journal of {} has not been replayed", describe(disk, partition))),
      disk_(disk), offset_(partition.offset), size_(partition.size) {}

Plan plan_for(GuestTree& tree, const Options& options, KeySource& keys, Mode mode) {
  const Facts facts = gather(tree, all_interests());
  Fresh fresh{.random = util::fill_random, .host_keys = {}};
  if (is_selected(options, "ssh-host-keys")) {
    const std::vector<KeySpec> specs = needed_host_keys(facts);
    if (!specs.empty()) fresh.host_keys = keys.make(specs, key_comment(options));
  }
  return make_plan(facts, options, fresh, mode);
}

void require_applied(GuestTree& tree, const std::vector<Edit>& edits) {
  for (const Edit& edit : edits) {
    if (!shows(tree, edit)) {
      throw Error(Errc::internal, fmt::format("'{}' in the guest reads back wrong", util::printable(edit.path)));
    }
  }
}

Report renew_directory(GuestFs& directory, const Options& options, KeySource& keys, Mode mode) {
  check(options);
  VolumeTree tree(directory);
  Plan plan = plan_for(tree, options, keys, mode);
  if (mode == Mode::show) return std::move(plan.report);
  for (const Edit& edit : plan.edits) tree.apply(edit);
  require_applied(tree, plan.edits);
  directory.finish();
  return std::move(plan.report);
}

// The filesystems of a guest, all on staged volumes; index-parallel with the layout's mounts.
struct DiskEngine::Mounted {
  std::vector<std::unique_ptr<StagedVolume>> volumes;
  std::vector<std::unique_ptr<Ext4Fs>> filesystems;
  std::unique_ptr<VolumeTree> tree;

  void open(const GuestLayout& layout, Ext4Fs::Access access) {
    tree.reset();
    filesystems.clear();
    for (std::size_t i = 0; i < layout.mounts.size(); ++i) {
      filesystems.push_back(std::make_unique<Ext4Fs>(*volumes[i], access));
      if (i == 0) tree = std::make_unique<VolumeTree>(*filesystems[0]);
      else tree->mount(layout.mounts[i].mount_point, *filesystems[i]);
    }
  }
};

DiskEngine::DiskEngine(std::vector<BlockDevice*> disks, KeySource& keys) : disks_(std::move(disks)), keys_(keys) {}

// systemd mounts a /var without an fstab entry only where its partition's UUID is made from the machine-id.
void DiskEngine::require_var_stays(const std::vector<DiskView>& views, const GuestLayout& layout, const Facts& facts, const Options& options) const {
  const Fact* id = facts.file("/etc/machine-id");
  if (id == nullptr || !is_selected(options, "machine-id")) return;
  const bool has_var = std::any_of(layout.mounts.begin(), layout.mounts.end(), [](const MountPlace& place) { return place.mount_point == "/var"; });
  if (has_var) return;
  const std::string bound = var_partition_uuid(util::trim(id->content));
  for (const DiskView& view : views) {
    for (const Partition& partition : view.partitions) {
      if (partition.type != var_type || partition.uuid != bound) continue;
      throw Error(Errc::conflict, "/var of the guest is found by a partition UUID that is made from its machine-id, so that a new id would lose it")
          .hint("name /var in the guest's /etc/fstab, or keep the id with '--keep machine-id'");
    }
  }
}

// All filesystems of the layout, each on a staged volume of its own; none may wait for e2fsck if it is to be edited.
DiskEngine::Mounted DiskEngine::mount(const std::vector<DiskView>& views, const GuestLayout& layout, Mode mode, DiskResult& result) const {
  Mounted mounted;
  for (const MountPlace& place : layout.mounts) {
    const Partition& partition = views[place.disk].partitions[place.partition];
    mounted.volumes.push_back(std::make_unique<StagedVolume>(*views[place.disk].device, partition.offset, partition.size));
  }
  mounted.open(layout, Ext4Fs::Access::inspect);
  for (std::size_t i = 0; i < layout.mounts.size(); ++i) {
    const MountPlace& place = layout.mounts[i];
    const Partition& partition = views[place.disk].partitions[place.partition];
    const Ext4State state = mounted.filesystems[i]->state();
    if (state.needs_recovery && mode == Mode::renew) throw NeedsFsck(place.disk, partition);
    if (state.has_quota && mode == Mode::renew) result.fsck_after.push_back({place.disk, partition.offset, partition.size});
  }
  return mounted;
}

void DiskEngine::commit(Mounted& mounted, const GuestLayout& layout, const BeforeCommit& before_commit) const {
  std::vector<DiskRun> runs;
  for (std::size_t i = 0; i < layout.mounts.size(); ++i) {
    for (StagedVolume::Run& run : mounted.volumes[i]->changes()) runs.push_back({layout.mounts[i].disk, run.offset, std::move(run.bytes)});
  }
  if (before_commit) before_commit(runs);
  // The root, and with it the machine-id, last.
  for (std::size_t i = layout.mounts.size(); i-- > 0;) mounted.volumes[i]->commit();
}

DiskResult DiskEngine::run(const Options& options, const RootChoice& root, Mode mode, const BeforeCommit& before_commit) {
  check(options);
  std::vector<DiskView> views;
  for (BlockDevice* device : disks_) views.push_back(view_of(*device));
  const GuestLayout layout = find_guest(views, root);
  DiskResult result;
  Mounted mounted = mount(views, layout, mode, result);
  if (mode == Mode::renew) require_var_stays(views, layout, gather(*mounted.tree, {{"/etc/machine-id"}}), options);
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
