#pragma once
// What this host decides of a container's config.json.

#include <map>
#include <string>
#include <vector>

#include "bundle/config.hpp"

namespace vmtool::ops {

/// The ids of a container's user namespace; empty: it has none.
struct IdRanges {
  std::vector<model::IdMapping> uids{};
  std::vector<model::IdMapping> gids{};
};
/// `auto` and `host` are no user namespace for root; for others `auto` is the own id as 0 and the subordinate ids of /etc/subuid
/// and /etc/subgid from 1 on, where newuidmap is installed. Throws Error{denied} where a user other than root wants `host`.
IdRanges id_ranges(const model::UserMappings& mappings);

/// The numbers of the block devices that are limited. Throws Error{not_found}, or Error{invalid_input} where one is none.
std::map<std::string, bundle::DeviceNumber> device_numbers(const model::ContainerResources& resources);

/// The text of a seccomp profile's file; empty for the two words. Throws SysError.
std::string seccomp_text(const model::Container& container);

}  // namespace vmtool::ops
