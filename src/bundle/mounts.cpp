#include <fmt/format.h>

#include "bundle/parts.hpp"
#include "util/error.hpp"

namespace vmtool::bundle {
namespace {

constexpr unsigned tty_group = 5;  // Debian's static group (base-passwd), as in every runtime's example

Json mount_json(const std::string& destination, const char* type, const std::string& source,
                std::vector<std::string> options) {
  return {{"destination", destination}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

// A colon separates layers, a comma options; a backslash protects both (overlayfs.rst, mount(8)).
std::string escaped(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == ':' || c == '\\' || c == ',') out += '\\';
    out += c;
  }
  return out;
}

std::string lower_option(const std::vector<std::string>& layers) {
  std::string out;
  for (const std::string& layer : layers) out += (out.empty() ? "lowerdir=" : ":") + escaped(layer);
  return out;
}

Json overlay_json(const ConfigFacts& facts) {
  // "/." is the root to every runtime; crun 1.8 does not take "/".
  return mount_json(
      "/.", "overlay", "overlay",
      {lower_option(facts.layers), "upperdir=" + facts.directory + "/upper", "workdir=" + facts.directory + "/work"});
}

bool has_group(const ConfigFacts& facts, unsigned gid) {
  if (facts.uids.empty()) return true;
  for (const model::IdMapping& range : facts.gids) {
    if (gid >= range.container_id && gid - range.container_id < range.size) return true;
  }
  return false;
}

Json user_mount(const model::Mount& mount) {
  if (mount.type == model::MountType::tmpfs) return mount_json(mount.destination, "tmpfs", "tmpfs", mount.options);
  std::vector<std::string> options{"rbind"};
  options.insert(options.end(), mount.options.begin(), mount.options.end());
  return mount_json(mount.destination, "bind", mount.source, std::move(options));
}

}  // namespace

Json mounts_json(const model::Container& container, const ConfigFacts& facts) {
  Json out = Json::array();
  out.push_back(overlay_json(facts));
  out.push_back(mount_json("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
  out.push_back(mount_json("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  std::vector<std::string> terminals{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"};
  if (has_group(facts, tty_group)) terminals.push_back("gid=" + std::to_string(tty_group));
  out.push_back(mount_json("/dev/pts", "devpts", "devpts", std::move(terminals)));
  out.push_back(mount_json("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
  out.push_back(mount_json("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
  out.push_back(mount_json("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
  if (!facts.rootless)
    out.push_back(mount_json("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}));
  if (!facts.network_files.empty()) {
    for (const char* name : {"hosts", "resolv.conf"}) {
      out.push_back(mount_json(fmt::format("/etc/{}", name), "bind", fmt::format("{}/{}", facts.network_files, name),
                               {"bind", "nosuid", "nodev", "noexec"}));
    }
  }
  for (const model::Mount& mount : container.mounts) out.push_back(user_mount(mount));
  return out;
}

std::string with_layers(const std::string& config, const std::vector<std::string>& layers) {
  Json document = Json::parse(config, nullptr, false);
  const Json::json_pointer place("/mounts/0/options/0");
  if (!document.is_object() || !document.contains(place))
    throw util::Error(util::Errc::invalid_input, "the container's config.json has no overlay");
  document[place] = lower_option(layers);
  return document.dump(2) + "\n";
}

}  // namespace vmtool::bundle
