#pragma once
// A manifest as libvirt XML, without a host.

#include <optional>
#include <string>
#include <vector>

#include "model/document.hpp"
#include "util/uuid.hpp"

namespace vmtool::ops {

struct Rendered {
  std::string kind;
  std::string name;
  std::string xml;
};

/// The XML of every network, volume and machine, in their order, a machine's own volumes before it. Opens no connection: what
/// only a host decides (uuid, MACs, domain type, free bridges and subnets) is left out and marked by a comment, but for
/// UUIDs and MACs where the `host`'s uuid is given; files lie in /var/lib/libvirt/images.
std::vector<Rendered> render(const model::Manifest& manifest, const std::optional<util::Uuid>& host);

}  // namespace vmtool::ops
