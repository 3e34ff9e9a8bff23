#include "identity/appliance_guest.hpp"

#include <fcntl.h>
#include <linux/reboot.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "identity/channel.hpp"
#include "identity/file_device.hpp"
#include "identity/guest_modules.hpp"
#include "identity/keys_from_parent.hpp"
#include "identity/mounted_filesystems.hpp"
#include "identity/tree_engine.hpp"
#include "identity/var_binding.hpp"
#include "identity/volume_tree.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;
namespace fs = std::filesystem;

constexpr auto longest_wait = std::chrono::seconds(60);
constexpr auto longest_request = std::chrono::minutes(2);

void mount_kernel_files() {
  for (const char* directory : {"/dev", "/proc", "/sys"}) ::mkdir(directory, 0755);
  ::mount("dev", "/dev", "devtmpfs", 0, nullptr);
  ::mount("proc", "/proc", "proc", 0, nullptr);
  ::mount("sys", "/sys", "sysfs", 0, nullptr);
}

std::string line_in(const fs::path& file) {
  const util::Fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return opened ? std::string(util::trim(util::read_all(opened.get(), 4096))) : std::string();
}

// Devices appear some time after their drivers.
template <class Find>
auto wait_for(const char* what, Find find) {
  const auto end = std::chrono::steady_clock::now() + longest_wait;
  for (;;) {
    if (auto found = find()) return *found;
    if (std::chrono::steady_clock::now() > end)
      throw Error(Errc::unavailable, fmt::format("the appliance has no {}", what));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

util::Fd open_port() {
  const fs::path device = wait_for("port", [] {
    std::optional<fs::path> found;
    for (const fs::path& port : sorted_entries("/sys/class/virtio-ports")) {
      if (line_in(port / "name") == appliance_port && fs::exists(fs::path("/dev") / port.filename()))
        found = fs::path("/dev") / port.filename();
    }
    return found;
  });
  return util::open_file(device, O_RDWR);
}

std::string find_disk(std::size_t number) {
  return wait_for("disk", [&] {
    std::optional<std::string> found;
    for (const fs::path& disk : sorted_entries("/sys/block")) {
      if (line_in(disk / "serial") == fmt::format("{}{}", appliance_disk, number)) found = disk.filename();
    }
    return found;
  });
}

Json renew_mounted(const Job& job, const Channel& channel) {
  const bool looks_only = job.action == Job::Action::show;
  std::vector<std::string> names;
  std::vector<std::unique_ptr<FileDevice>> devices;
  std::vector<DiskView> views;
  for (std::size_t i = 0; i < job.request.target.disks.size(); ++i) {
    names.push_back(find_disk(i));
    devices.push_back(
        std::make_unique<FileDevice>(util::open_file("/dev/" + names.back(), looks_only ? O_RDONLY : O_RDWR)));
    views.push_back(view_of(*devices.back()));
  }
  Json end;
  {
    MountedFilesystems filesystems(names);
    const RootChoice choice{job.request.target.root_disk, job.request.target.root_partition};
    const GuestLayout layout = find_guest(views, choice, filesystems);
    if (!looks_only) filesystems.allow_writing();
    std::vector<std::unique_ptr<GuestFs>> open;
    for (const MountPlace& place : layout.mounts) open.push_back(filesystems.open(views[place.disk], place));
    VolumeTree tree(*open.front());
    for (std::size_t i = 1; i < open.size(); ++i) tree.mount(layout.mounts[i].mount_point, *open[i]);
    if (!looks_only) require_var_stays(views, layout, tree, job.request.options);
    KeysFromParent parent_keys(channel);
    NoKeys no_keys;
    Report report = renew_tree(tree, job.request.options, looks_only ? static_cast<KeySource&>(no_keys) : parent_keys,
                               looks_only ? Mode::show : Mode::renew);
    for (const auto& filesystem : open) filesystem->finish();
    open.clear();
    filesystems.unmount();
    report.warnings.insert(report.warnings.end(), layout.warnings.begin(), layout.warnings.end());
    end = {{"report", to_json(report)}, {"fsckAfter", Json::array()}};
  }
  if (!looks_only) {
    for (const auto& device : devices) device->flush();
  }
  return end;
}

Json answer(const Channel& channel) {
  try {
    const auto request = channel.receive(longest_request);
    if (!request) throw Error(Errc::internal, "the appliance was told nothing");
    return renew_mounted(job_from(*request), channel);
  } catch (const Error& error) {
    return {{"error", to_json(error)}};
  } catch (const std::exception& error) {
    return {{"error", to_json(Error(Errc::internal, error.what()))}};
  }
}

}  // namespace

void run_appliance() {
  try {
    mount_kernel_files();
    load_modules(appliance_modules);
    const Channel channel(open_port());
    channel.send(answer(channel));
    // The host closes its end when it has heard everything.
    channel.receive(longest_request);
  } catch (const std::exception& error) {
    // The kernel's console is the only other way out.
    fmt::print(stderr, "appliance: {}\n", error.what());
  }
  ::sync();
  ::reboot(LINUX_REBOOT_CMD_POWER_OFF);
  ::_exit(1);
}

}  // namespace vmtool::identity
