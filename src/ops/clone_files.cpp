#include "ops/clone_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include <fmt/format.h>

#include "ops/execute_storage.hpp"
#include "ops/live_backup.hpp"
#include "ops/observe.hpp"
#include "ops/pool_table.hpp"
#include "ops/seed_renewal.hpp"
#include "storage/copy.hpp"
#include "storage/overlay.hpp"
#include "util/error.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// Where libvirt keeps the state of emulated TPMs (qemu_tpm.c, swtpmStorageDir).
std::string tpm_folder(const virt::Connection& connection, const std::string& uuid) {
  const std::string below = connection.is_session() ? fmt::format("{}/.config/libvirt/qemu/swtpm", ::getenv("HOME"))
                                                    : "/var/lib/libvirt/swtpm";
  return fmt::format("{}/{}", below, uuid);
}

// The copy of a directory belongs to whom the original belongs: the emulator runs as a user of its own.
void copy_tree(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::copy(from, to,
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
  const auto give = [](const std::filesystem::path& like, const std::filesystem::path& path) {
    struct stat facts {};
    if (::lstat(like.c_str(), &facts) != 0 || ::lchown(path.c_str(), facts.st_uid, facts.st_gid) != 0) {
      throw util::SysError(errno, fmt::format("giving '{}' its owner", path.native()));
    }
  };
  give(from, to);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(from))
    give(entry.path(), to / std::filesystem::relative(entry.path(), from));
}

Record record_of(const DiskPlan& disk, const std::string& path) {
  if (disk.pool.empty()) return MadeFile{path};
  return MadeVolume{disk.pool, file_name_of(path), path};
}

model::DiskFormat format_named(const std::string& word) {
  const auto format = model::from_text<model::DiskFormat>(word);
  if (!format)
    throw Error(Errc::unavailable, fmt::format("volumes of format '{}' are not made by the libvirt daemon", word));
  return *format;
}

}  // namespace

std::function<void(std::uint64_t, std::uint64_t)> CloneFiles::progress(const std::string& what) const {
  return [this, what](std::uint64_t done, std::uint64_t total) {
    if (hooks_.interrupt) hooks_.interrupt();
    reporter_.progress(what, done, total);
  };
}

void CloneFiles::make_overlay(const DiskPlan& disk, const std::vector<identity::Image>& base, const std::string& path) {
  model::Volume volume;
  volume.name = file_name_of(path);
  volume.pool = disk.pool;
  volume.format = model::DiskFormat::qcow2;
  volume.capacity = disk.capacity;
  volume.backing = model::BackingFile{base.front().path.native(), format_named(base.front().format)};
  pool_or_throw(connection_, disk.pool).create_volume(xml::write_volume(volume), virt::Pool::Metadata::sparse);
}

void CloneFiles::free_source_disks() {
  for (const DiskPlan& disk : plan_.disks) {
    if (disk.source_overlay.empty()) continue;
    util::during(
        fmt::format("giving disk '{}' of '{}' an overlay of its own", disk.disk.target, plan_.source.name), [&] {
          transaction_.step(MadeVolume{disk.pool, file_name_of(disk.source_overlay), disk.source_overlay},
                            [&] { make_overlay(disk, disk.base, disk.source_overlay); });
          const MovedDisk moved{plan_.source.name,   plan_.source.uuid, disk.disk.target,
                                disk.source_overlay, disk.disk.path,    disk.disk.format};
          transaction_.step(moved, [&] {
            const std::string now = domain_or_throw(connection_, plan_.source.name).xml(virt::Flavor::inactive);
            connection_.define_domain(xml::with_disk(
                now, disk.disk.target, {disk.source_overlay, file_name_of(disk.source_overlay), "qcow2", true}));
          });
        });
    reporter_.info(fmt::format("'{}' is the base of linked clones now, and the source goes on in '{}'", disk.disk.path,
                               disk.source_overlay));
  }
}

void CloneFiles::copy_here(const DiskPlan& disk, const std::string& path) {
  const auto tell = progress(fmt::format("copying '{}'", disk.disk.path));
  if (!disk.flatten) {
    storage::copy_file(disk.disk.path, path,
                       disk.way == DiskWay::reflink ? storage::Reflink::required : storage::Reflink::never, tell);
    return;
  }
  std::vector<std::pair<std::filesystem::path, std::string>> chain;
  for (const identity::Image& image : disk.chain) chain.emplace_back(image.path, image.format);
  storage::flatten(chain, path, disk.capacity, tell, plan_.options.snapshot);
}

void CloneFiles::copy_by_libvirt(const DiskPlan& disk, const std::string& path) {
  const virt::Pool pool = pool_or_throw(connection_, disk.pool);
  const auto source = pool.find_volume(file_name_of(disk.disk.path));
  if (!source)
    throw Error(Errc::not_found,
                fmt::format("there is no volume '{}' in pool '{}'", file_name_of(disk.disk.path), disk.pool));
  model::Volume volume;
  volume.name = file_name_of(path);
  volume.pool = disk.pool;
  volume.format = format_named(disk.format);
  volume.capacity = disk.capacity;
  pool.copy_volume(xml::write_volume(volume), *source);
}

void CloneFiles::make_seed(const TargetPlan& target, const DiskPlan& disk, const std::string& path) {
  SeedIdentity identity{target.instance_id, target.hostname, {}, target.address_changes};
  for (std::size_t i = 0; i < target.macs.size(); ++i) {
    if (!plan_.source.interfaces[i].mac.empty())
      identity.macs.push_back({plan_.source.interfaces[i].mac, target.macs[i]});
  }
  storage::write_seed(path, renew_seed(storage::read_seed(disk.disk.path), identity));
}

void CloneFiles::make_disk(const TargetPlan& target, const DiskPlan& disk) {
  const std::string& path = target.disk_paths.at(disk.disk.target);
  transaction_.step(record_of(disk, path), [&] {
    if (disk.way == DiskWay::seed) make_seed(target, disk, path);
    else if (disk.way == DiskWay::linked) make_overlay(disk, disk.base, path);
    else if (disk.by_libvirt) copy_by_libvirt(disk, path);
    else copy_here(disk, path);
  });
}

// All disks in one job, so that they belong together; a machine has one job at a time.
void CloneFiles::make_backup(const TargetPlan& target) {
  std::vector<Record> records;
  std::vector<xml::BackupDisk> disks;
  for (const DiskPlan& disk : plan_.disks) {
    if (disk.way != DiskWay::copy) continue;
    const std::string& path = target.disk_paths.at(disk.disk.target);
    records.push_back(record_of(disk, path));
    disks.push_back({disk.disk.target, path, disk.format});
  }
  if (disks.empty()) return;
  records.push_back(RunningBackup{plan_.source.name, plan_.source.uuid, disks.front().path});
  const std::lock_guard lock(backup_mutex_);
  transaction_.steps(records, [&] {
    back_up(domain_or_throw(connection_, plan_.source.name), disks, reporter_,
            progress(fmt::format("copying '{}' as it runs", plan_.source.name)));
  });
}

void CloneFiles::make_nvram(const TargetPlan& target) {
  if (!plan_.copies_nvram) return;
  transaction_.step(MadeFile{target.nvram},
                    [&] { storage::copy_file(plan_.source.nvram, target.nvram, storage::Reflink::if_possible, {}); });
}

void CloneFiles::make_tpm(const TargetPlan& target) {
  if (!plan_.options.copy_tpm || !plan_.source.has_emulated_tpm) return;
  const std::string from = tpm_folder(connection_, plan_.source.uuid);
  const std::string to = tpm_folder(connection_, util::to_text(target.uuid));
  if (!connection_.is_local() || ::access(from.c_str(), R_OK | X_OK) != 0) {
    throw Error(Errc::unavailable, fmt::format("the state of the TPM can't be read: '{}'", from))
        .hint("run vmtool as root on that host, or leave out --copy-tpm");
  }
  transaction_.step(MadeDirectory{to}, [&] { copy_tree(from, to); });
}

void CloneFiles::make(const TargetPlan& target) {
  for (const DiskPlan& disk : plan_.disks) {
    if (hooks_.interrupt) hooks_.interrupt();
    const bool is_in_backup = plan_.is_live && disk.way == DiskWay::copy;
    if (disk.way != DiskWay::shared && !is_in_backup) make_disk(target, disk);
  }
  if (plan_.is_live) make_backup(target);
  make_nvram(target);
  make_tpm(target);
  if (hooks_.interrupt) hooks_.interrupt();
}

void CloneFiles::tell_libvirt() {
  std::set<std::string> pools;
  for (const DiskPlan& disk : plan_.disks) {
    const bool is_beside =
        disk.way == DiskWay::reflink || disk.way == DiskWay::seed || (disk.way == DiskWay::copy && !disk.by_libvirt);
    if (is_beside && !disk.pool.empty()) pools.insert(disk.pool);
  }
  for (const std::string& pool : pools) {
    try {
      pool_or_throw(connection_, pool).refresh();
    } catch (const Error& error) {
      reporter_.warn(fmt::format("libvirt has not looked at pool '{}' again: {}", pool, error.message()));
    }
  }
}

}  // namespace vmtool::ops
