#pragma once
// A manifest as libvirt XML and OCI configurations, without a host.

#include <optional>
#include <string>
#include <vector>

#include "model/document.hpp"
#include "util/uuid.hpp"

namespace vmtool::ops {

struct Rendered {
  std::string kind;
  std::string name;
  std::string xml;     ///< libvirt's; empty for a container
  std::string config;  ///< a container's config.json; empty for the others
};

/// The XML of every network, volume and machine, in their order, a machine's own volumes before it. Opens no connection: what
/// only a host decides (uuid, MACs, domain type, free bridges and subnets) is left out and marked by a comment, but for
/// UUIDs and MACs where the `host`'s uuid is given; files lie in /var/lib/libvirt/images.
/// A container's bundle lies in /var/lib/vmtool/containers; what only the host knows of it stands in <…>: the layers and the
/// command of an image, the bridge of a network. Files that it names (seccomp profile, limited devices) are looked at.
std::vector<Rendered> render(const model::Manifest& manifest, const std::optional<util::Uuid>& host);

}  // namespace vmtool::ops
