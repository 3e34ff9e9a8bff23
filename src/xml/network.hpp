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

/// <host mac= name= ip=/> for a live update of section ip-dhcp-host.
std::string write_dhcp_host(const model::DhcpHost& host);

/// <host ip=><hostname>…</hostname></host> for a live update of section dns-host.
std::string write_dns_host(const model::DnsHost& host);

}  // namespace vmtool::xml
