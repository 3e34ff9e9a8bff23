#include "tests/support/host_state.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "tests/support/vmtool_program.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_of(std::vector<std::string> list_command) {
  std::vector<std::string> names;
  for (const auto& line : util::split(virsh(std::move(list_command)).out, '\n')) {
    const auto name = util::trim(line);
    if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

std::vector<std::string> volumes_of(const std::string& pool) {
  // vol-list has no --name: two columns below two lines of title; the name ends where the path begins.
  std::vector<std::string> names;
  for (const auto& line : util::split(virsh({"vol-list", pool}).out, '\n')) {
    const auto text = util::trim(line);
    const auto path = text.find("   /");
    if (path != std::string_view::npos) names.emplace_back(util::trim(text.substr(0, path)));
  }
  return names;
}

bool is_volatile(const fs::path& file) {
  const auto name = file.filename().native();
  return name.ends_with(".status") || name.ends_with(".macs") || name.ends_with(".leases") || name.ends_with(".pid");
}

void add_files(HostState& state, const fs::path& directory) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, fs::directory_options::skip_permission_denied, error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone) || is_volatile(entry->path())) continue;
    state["file " + entry->path().native()] = std::to_string(entry->file_size(gone)) + " bytes";
  }
}

}  // namespace

HostState take_host_state() {
  HostState state;
  for (const auto& name : names_of({"list", "--all", "--name"})) {
    state["domain " + name] = virsh({"domstate", name}).out + virsh({"dumpxml", "--inactive", name}).out;
  }
  for (const auto& name : names_of({"net-list", "--all", "--name"})) {
    const auto active_names = names_of({"net-list", "--name"});
    const bool active = std::find(active_names.begin(), active_names.end(), name) != active_names.end();
    state["network " + name] = (active ? "active, " : "inactive, ") + virsh({"net-dumpxml", "--inactive", name}).out;
    if (active) state["leases " + name] = virsh({"net-dhcp-leases", name}).out;
  }
  for (const auto& name : names_of({"pool-list", "--all", "--name"})) {
    state["pool " + name] = virsh({"pool-uuid", name}).out;
    virsh({"pool-refresh", name});
    for (const auto& volume : volumes_of(name))
      state["volume " + name + "/" + volume] = virsh({"vol-path", volume, name}).out;
  }
  for (const char* directory : {"/etc/libvirt", "/var/lib/libvirt/images", "/var/lib/libvirt/qemu",
                                "/var/lib/libvirt/dnsmasq", "/var/lib/vmtool"}) {
    add_files(state, directory);
  }
  return state;
}

void remove_objects(const std::string& prefix) {
  for (const auto& name : names_of({"list", "--all", "--name"})) {
    if (!name.starts_with(prefix)) continue;
    virsh({"destroy", name});
    virsh({"undefine", name, "--nvram", "--managed-save", "--snapshots-metadata", "--checkpoints-metadata"});
  }
  for (const auto& name : names_of({"net-list", "--all", "--name"})) {
    if (!name.starts_with(prefix)) continue;
    virsh({"net-destroy", name});
    virsh({"net-undefine", name});
  }
  for (const auto& pool : names_of({"pool-list", "--name"})) {
    virsh({"pool-refresh", pool});
    for (const auto& volume : volumes_of(pool)) {
      if (volume.starts_with(prefix) || pool.starts_with(prefix)) virsh({"vol-delete", volume, pool});
    }
  }
  for (const auto& name : names_of({"pool-list", "--all", "--name"})) {
    if (!name.starts_with(prefix)) continue;
    virsh({"pool-destroy", name});
    virsh({"pool-undefine", name});
  }
}

void ensure_default_pool() {
  if (virsh({"pool-info", "default"}).exit_code != 0) {
    virsh({"pool-define-as", "default", "dir", "--target", "/var/lib/libvirt/images"});
    virsh({"pool-build", "default"});
  }
  virsh({"pool-start", "default"});
}

}  // namespace vmtool::tests
