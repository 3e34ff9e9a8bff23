#include "ops/container_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "ops/container_facts.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

void check_layer(const std::string& container, const std::string& layer) {
  struct stat about {};
  if (::stat(layer.c_str(), &about) != 0) throw util::SysError(errno, fmt::format("container '{}' stands on the layer '{}'", container, util::printable(layer)));
  if (!S_ISDIR(about.st_mode)) throw Error(Errc::invalid_input, fmt::format("the layer '{}' of container '{}' is no directory", util::printable(layer), container));
}

std::vector<std::string> layers_of(const model::Container& container) {
  const model::Rootfs& rootfs = container.rootfs;
  if (rootfs.image || rootfs.archive) {
    throw Error(Errc::unavailable, fmt::format("container '{}' stands on {}, and this vmtool has no image store", container.name, rootfs.image ? "an image" : "an archive"))
        .hint("unpack it, and give the directory as 'layers'");
  }
  for (const std::string& layer : rootfs.layers) check_layer(container.name, layer);
  return rootfs.layers;
}

void check_mount_sources(const model::Container& container) {
  for (const model::Mount& mount : container.mounts) {
    if (mount.type != model::MountType::bind || ::access(mount.source.c_str(), F_OK) == 0) continue;
    throw util::SysError(errno, fmt::format("container '{}' mounts '{}' at '{}'", container.name, util::printable(mount.source), util::printable(mount.destination)));
  }
}

}  // namespace

bundle::ConfigFacts facts_of(const ContainerHome& home, const model::Container& container, const std::string& uuid, const std::string& digest) {
  if (!container.interfaces.empty()) {
    throw Error(Errc::unavailable, fmt::format("container '{}' has network interfaces, which are not available yet", container.name)).hint("leave 'interfaces' out");
  }
  bundle::ConfigFacts facts;
  facts.directory = home.paths(container.name).bundle;
  facts.layers = layers_of(container);
  check_mount_sources(container);
  IdRanges ranges = id_ranges(container.user_mappings);
  facts.uids = std::move(ranges.uids);
  facts.gids = std::move(ranges.gids);
  facts.rootless = ::geteuid() != 0;
  facts.seccomp_profile = seccomp_text(container);
  facts.devices = device_numbers(container.resources);
  facts.uuid = uuid;
  facts.digest = digest;
  return facts;
}

}  // namespace vmtool::ops
