#pragma once
// What a host says of itself: capabilities and domain capabilities.

#include <string_view>
#include <vector>

#include "model/machine.hpp"
#include "util/uuid.hpp"

namespace vmtool::xml {

struct HostFacts {
  util::Uuid uuid;
  std::vector<model::DomainType> domain_types;  ///< of x86_64 hvm guests
};

/// Reads virConnectGetCapabilities' XML. Throws Error{unavailable} where the host has no uuid or can run no x86_64 guest.
HostFacts read_capabilities(std::string_view xml);

}  // namespace vmtool::xml
