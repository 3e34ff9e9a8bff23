#pragma once
// model::Network ↔ libvirt network XML (formatnetwork.html).

#include <string>
#include <string_view>

#include "model/network.hpp"

namespace vmtool::xml {

/// Deterministic XML of a network, xml edits applied last; an automatic bridge or address is left out and marked by a comment.
std::string write_network(const model::Network& network);

/// The network that libvirt's XML describes. Throws Error{invalid_input} where it is no network XML.
model::Network read_network(std::string_view xml);

/// What write_network would write for a network that exists, but for its xml edits that no longer select anything, which
/// are passed over. This is the `base` of a merge.
std::string rewrite_network(std::string_view existing);

/// <host mac= name= ip=/> for a live update of section ip-dhcp-host.
std::string write_dhcp_host(const model::DhcpHost& host);

/// <host ip=><hostname>…</hostname></host> for a live update of section dns-host.
std::string write_dns_host(const model::DnsHost& host);

}  // namespace vmtool::xml
