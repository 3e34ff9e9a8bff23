#pragma once
// Identities that follow from what an object is, so that the same manifest gives the same machine twice and two hosts
// never make the same.

#include <string_view>

#include "model/address.hpp"
#include "util/uuid.hpp"

namespace vmtool::model {

/// The UUID of an object of a host. `host` is libvirt's host uuid, `kind` the manifest's word.
util::Uuid derive_uuid(const util::Uuid& host, std::string_view kind, std::string_view name);

/// The MAC of an interface: 52:54:00 (QEMU's locally administered range) and three derived bytes.
/// `attempt` counts up where the address of the attempt before is taken by another machine.
MacAddress derive_mac(const util::Uuid& host, std::string_view kind, std::string_view name, std::string_view interface,
                      unsigned attempt = 0);

}  // namespace vmtool::model
