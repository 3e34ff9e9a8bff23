#include "ops/container_source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "images/import.hpp"
#include "ops/container_facts.hpp"
#include "ops/image_user.hpp"
#include "ops/image_users.hpp"
#include "ops/state_dir.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// No image that people name begins so.
constexpr std::string_view archive_prefix = "vmtool-archive/";

void check_layer(const std::string& container, const std::string& layer) {
  struct stat about {};
  if (::stat(layer.c_str(), &about) != 0)
    throw util::SysError(errno,
                         fmt::format("container '{}' stands on the layer '{}'", container, util::printable(layer)));
  if (!S_ISDIR(about.st_mode))
    throw Error(Errc::invalid_input,
                fmt::format("the layer '{}' of container '{}' is no directory", util::printable(layer), container));
}

void check_mount_sources(const model::Container& container) {
  for (const model::Mount& mount : container.mounts) {
    if (mount.type != model::MountType::bind || ::access(mount.source.c_str(), F_OK) == 0) continue;
    throw util::SysError(errno, fmt::format("container '{}' mounts '{}' at '{}'", container.name,
                                            util::printable(mount.source), util::printable(mount.destination)));
  }
}

std::vector<std::string> texts_of(const std::vector<std::filesystem::path>& paths) {
  return {paths.begin(), paths.end()};
}

void stand_on_image(const std::string& container, const std::string& name, bundle::ConfigFacts& facts) {
  const images::StoredImage image = util::during(fmt::format("looking for the image of container '{}'", container),
                                                 [&] { return image_store().open_image(name); });
  facts.layers = texts_of(image.layers);
  const images::ImageConfig& config = image.config;
  facts.image = bundle::ImageDefaults{name,
                                      image.digest,
                                      config.entrypoint,
                                      config.cmd,
                                      config.env,
                                      config.working_dir,
                                      image_user(config.user, facts.layers),
                                      config.stop_signal};
}

bundle::ConfigFacts facts_of_host(const ContainerHome& home, const model::Container& container) {
  bundle::ConfigFacts facts;
  facts.directory = home.paths(container.name).bundle;
  check_mount_sources(container);
  IdRanges ranges = id_ranges(container.user_mappings);
  facts.uids = std::move(ranges.uids);
  facts.gids = std::move(ranges.gids);
  facts.rootless = ::geteuid() != 0;
  facts.seccomp_profile = seccomp_text(container);
  facts.devices = device_numbers(container.resources);
  if (!container.interfaces.empty()) facts.network_files = home.paths(container.name).run;
  return facts;
}

}  // namespace

bundle::ConfigFacts facts_of_new(const ContainerHome& home, const model::Container& container, const std::string& uuid,
                                 const std::string& digest) {
  bundle::ConfigFacts facts = facts_of_host(home, container);
  facts.layers = container.rootfs.layers;
  for (const std::string& layer : facts.layers) check_layer(container.name, layer);
  if (container.rootfs.image) stand_on_image(container.name, *container.rootfs.image, facts);
  if (container.rootfs.archive) {
    if (::access(container.rootfs.archive->c_str(), R_OK) != 0) {
      throw util::SysError(errno, fmt::format("container '{}' stands on the archive '{}'", container.name,
                                              util::printable(*container.rootfs.archive)));
    }
    facts.image.emplace().name = archive_image(container.name);
  }
  facts.uuid = uuid;
  facts.digest = digest;
  return facts;
}

bundle::ConfigFacts facts_of_existing(const ContainerHome& home, const model::Container& container,
                                      const bundle::Summary& summary, const std::string& digest) {
  bundle::ConfigFacts facts = facts_of_host(home, container);
  facts.layers = summary.layers;
  facts.image = summary.image;
  facts.attachments = summary.attachments;
  facts.remove_at_end = summary.remove_at_end;
  facts.uuid = summary.uuid;
  facts.digest = digest;
  return facts;
}

std::optional<util::FileLock> hold_layers(const std::vector<std::string>& layers) {
  const images::Store store = image_store();
  const std::string inside = store.directory().native() + "/";
  if (std::none_of(layers.begin(), layers.end(), [&](const std::string& layer) { return layer.starts_with(inside); }))
    return std::nullopt;
  util::FileLock held = store.hold();
  for (const std::string& layer : layers) {
    if (::access(layer.c_str(), F_OK) != 0)
      throw Error(Errc::conflict, "the image of the container was removed meanwhile").hint("vmtool image list");
  }
  return held;
}

std::vector<std::string> add_archive(const std::string& archive, const std::string& container,
                                     util::Reporter& reporter) {
  const images::ImportRequest request{archive, archive_image(container), ""};
  return util::during(fmt::format("unpacking '{}'", util::printable(archive)),
                      [&] { return texts_of(images::import_image(image_store(), request, reporter).layers); });
}

std::string archive_image(const std::string& container) { return std::string(archive_prefix) + container; }

void forget_archive(const std::optional<bundle::ImageDefaults>& image) {
  if (!image || !image->name.starts_with(archive_prefix)) return;
  const images::Store store = image_store();
  if (!std::filesystem::exists(store.directory())) return;
  try {
    store.remove(image->name, [&] { return image_users(state_dir(), store.directory()); });
  } catch (const Error& error) {
    // A clone stands on it, and takes it along at its own end; or it was not unpacked yet.
    if (error.kind() != Errc::conflict && error.kind() != Errc::not_found) throw;
  }
}

}  // namespace vmtool::ops
