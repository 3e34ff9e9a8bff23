#pragma once
// What a container's root filesystem stands on.

#include "bundle/config.hpp"
#include "ops/container_home.hpp"

namespace vmtool::ops {

/// All that the host decides of a container; `uuid` and `digest` are given. Throws Error{not_found} for what is missing.
bundle::ConfigFacts facts_of(const ContainerHome& home, const model::Container& container, const std::string& uuid, const std::string& digest);

}  // namespace vmtool::ops
