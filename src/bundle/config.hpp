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

#include "model/container.hpp"

namespace vmtool::bundle {

/// What an image says of the process that it is meant for (image-spec, config).
struct ImageDefaults {
  std::vector<std::string> entrypoint{};
  std::vector<std::string> cmd{};
  std::vector<std::string> env{};  ///< NAME=VALUE
  std::string cwd{};
  std::optional<model::ContainerUser> user{};
  std::string stop_signal{};
};

/// A block device's numbers.
struct DeviceNumber {
  unsigned major = 0;
  unsigned minor = 0;
};

/// A veth pair as it is made at the start.
struct Attachment {
  std::string name;
  std::string bridge;
  std::string host_name;  ///< of the host's end; empty: the engine derives one
  std::string mac;
  unsigned mtu = 0;                     ///< 0: the kernel's default
  std::vector<std::string> addresses;   ///< "192.168.140.30/24"
  std::vector<std::string> gateways;    ///< of default routes
};

/// What the host decides, not the manifest.
struct ConfigFacts {
  std::string directory{};                 ///< the bundle, absolute
  std::vector<std::string> layers{};       ///< absolute, top first
  std::optional<ImageDefaults> image{};
  std::string image_name{};                ///< kept for people; may be empty
  std::vector<model::IdMapping> uids{};    ///< empty: no user namespace
  std::vector<model::IdMapping> gids{};
  bool rootless = false;
  std::string seccomp_profile{};           ///< the text of a profile's file
  std::map<std::string, DeviceNumber> devices{};  ///< of the block devices that are limited
  std::vector<Attachment> attachments{};
  std::string uuid{};                      ///< of this very container
  std::string digest{};                    ///< of the document
  bool remove_at_end = false;
};

/// The text of config.json, ending with a newline. Throws Error{invalid_input} where there is no command, or the seccomp
/// profile is no JSON object.
std::string write_config(const model::Container& container, const ConfigFacts& facts);

/// The resources alone, where limits of `before` that are gone are lifted, as `isolate update --resources` takes them.
std::string write_resources(const model::ContainerResources& resources, const model::ContainerResources& before,
                            const std::map<std::string, DeviceNumber>& devices);

}  // namespace vmtool::bundle
