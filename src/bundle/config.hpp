#pragma once
// A container as the config.json of an OCI bundle (runtime-spec 1.1), which `isolate` and other runtimes run as it is.
//
//   BUNDLE/config.json    what this makes
//   BUNDLE/rootfs/        empty: where the runtime puts the overlay
//   BUNDLE/upper/ work/   the overlay's own directories
//   layers                the overlay's lower directories, anywhere on the host

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bundle/attachments.hpp"
#include "bundle/image_defaults.hpp"
#include "model/container.hpp"

namespace vmtool::bundle {

/// A block device's numbers.
struct DeviceNumber {
  unsigned major = 0;
  unsigned minor = 0;
};

/// What the host decides, not the manifest.
struct ConfigFacts {
  std::string directory{};            ///< the bundle, absolute
  std::vector<std::string> layers{};  ///< absolute, top first
  std::optional<ImageDefaults> image{};
  std::vector<model::IdMapping> uids{};  ///< empty: no user namespace
  std::vector<model::IdMapping> gids{};
  bool rootless = false;
  std::string seccomp_profile{};                  ///< the text of a profile's file
  std::map<std::string, DeviceNumber> devices{};  ///< of the block devices that are limited
  std::vector<Attachment> attachments{};
  std::string network_files{};  ///< a directory whose `hosts` and `resolv.conf` are those inside; empty: none
  std::string uuid{};           ///< of this very container
  std::string digest{};         ///< of the document
  bool remove_at_end = false;
};

/// The text of config.json, ending with a newline. Throws Error{invalid_input} where there is no command, or the seccomp
/// profile is no JSON object.
std::string write_config(const model::Container& container, const ConfigFacts& facts);

/// A config.json whose overlay stands on other layers (absolute, top first). Throws Error{invalid_input} where it is none.
std::string with_layers(const std::string& config, const std::vector<std::string>& layers);

/// The resources alone, where limits of `before` that are gone are lifted, as `isolate update --resources` takes them.
std::string write_resources(const model::ContainerResources& resources, const model::ContainerResources& before,
                            const std::map<std::string, DeviceNumber>& devices);

}  // namespace vmtool::bundle
