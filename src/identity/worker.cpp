#include "identity/worker.hpp"

#include <algorithm>
#include <memory>

#include "identity/directory_fs.hpp"
#include "identity/engine.hpp"
#include "identity/file_device.hpp"
#include "identity/keys_from_parent.hpp"
#include "identity/nbd_device.hpp"
#include "identity/tree_engine.hpp"
#include "identity/undo_file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::uint64_t smallest_file_limit = std::uint64_t{1} << 30;  // room for the undo file

std::vector<std::unique_ptr<BlockDevice>> open_devices(std::vector<OpenDisk>& disks) {
  std::vector<std::unique_ptr<BlockDevice>> devices;
  for (OpenDisk& disk : disks) {
    if (disk.kind == OpenDisk::Kind::file) devices.push_back(std::make_unique<FileDevice>(std::move(disk.descriptor)));
    else devices.push_back(std::make_unique<NbdDevice>(std::move(disk.descriptor)));
  }
  return devices;
}

std::vector<BlockDevice*> pointers_to(const std::vector<std::unique_ptr<BlockDevice>>& devices) {
  std::vector<BlockDevice*> out;
  for (const auto& device : devices) out.push_back(device.get());
  return out;
}

std::uint64_t largest_of(const std::vector<std::unique_ptr<BlockDevice>>& devices) {
  std::uint64_t largest = smallest_file_limit;
  for (const auto& device : devices) largest = std::max(largest, device->size());
  return largest;
}

Json fsck_json(std::size_t disk, std::uint64_t offset, std::uint64_t size) {
  return {{"disk", disk}, {"offset", offset}, {"size", size}};
}

Json renew_or_show_directory(const Job& job, util::Fd directory, const Channel& channel) {
  KeysFromParent parent_keys(channel);
  NoKeys no_keys;
  const bool looks_only = job.action == Job::Action::show;
  DirectoryFs tree{util::DirFd(std::move(directory))};
  const Report report =
      renew_directory(tree, job.request.options, looks_only ? static_cast<KeySource&>(no_keys) : parent_keys,
                      looks_only ? Mode::show : Mode::renew);
  return {{"report", to_json(report)}, {"fsckAfter", Json::array()}};
}

Json renew_or_show(const Job& job, const WorkerInput& input, const std::vector<BlockDevice*>& devices,
                   const Channel& channel) {
  const bool looks_only = job.action == Job::Action::show;
  KeysFromParent parent_keys(channel);
  NoKeys no_keys;
  KeySource& keys = looks_only ? static_cast<KeySource&>(no_keys) : parent_keys;
  const Target& target = job.request.target;
  BeforeCommit save;
  if (input.undo_file) {
    save = [&](const std::vector<DiskRun>& runs) {
      write_undo(input.undo_file.get(), undo_header(target.disks), devices, runs);
    };
  }
  const DiskResult result = DiskEngine(devices, keys)
                                .run(job.request.options, {target.root_disk, target.root_partition},
                                     looks_only ? Mode::show : Mode::renew, save);
  Json after = Json::array();
  for (const FsckAfter& one : result.fsck_after) after.push_back(fsck_json(one.disk, one.offset, one.size));
  return {{"report", to_json(result.report)}, {"fsckAfter", after}};
}

Json work(WorkerInput& input, const Channel& channel) {
  const Job job = input.job;
  if (input.directory) {
    lock_down(Reach::directory, smallest_file_limit);
    return renew_or_show_directory(job, std::move(input.directory), channel);
  }
  const auto devices = open_devices(input.disks);
  lock_down(Reach::descriptors, largest_of(devices));
  if (job.action != Job::Action::restore) return renew_or_show(job, input, pointers_to(devices), channel);
  const auto undo = read_undo(input.undo_file.get());
  if (undo) apply_undo(undo->runs, pointers_to(devices));
  return {{"restored", undo.has_value()}};
}

}  // namespace

int run_worker(WorkerInput input, Channel channel) noexcept {
  try {
    try {
      channel.send(work(input, channel));
    } catch (const NeedsFsck& needed) {
      channel.send(
          {{"needsFsck", fsck_json(needed.disk(), needed.offset(), needed.size())}, {"error", to_json(needed)}});
    } catch (const NeedsAppliance& needed) {
      channel.send({{"needsAppliance", needed.contents()}, {"error", to_json(needed)}});
    } catch (const Error& error) {
      channel.send({{"error", to_json(error)}});
    } catch (const std::exception& error) {
      channel.send({{"error", to_json(Error(Errc::internal, error.what()))}});
    }
    return 0;
  } catch (const std::exception&) {
    return 1;  // the parent is gone, or hears of the end by the channel's
  }
}

}  // namespace vmtool::identity
