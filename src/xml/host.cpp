#include "xml/host.hpp"

#include <algorithm>

#include "util/error.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

using util::Errc;
using util::Error;

// Also the domains of one machine type stand inside <machine>; those of <arch> itself are what every machine can.
void add_domain_types(pugi::xml_node arch, std::vector<model::DomainType>& types) {
  for (const pugi::xml_node domain : arch.children("domain")) {
    const auto type = model::from_text<model::DomainType>(domain.attribute("type").value());
    if (type && std::find(types.begin(), types.end(), *type) == types.end()) types.push_back(*type);
  }
}

}  // namespace

HostFacts read_capabilities(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "capabilities");
  const pugi::xml_node root = document.document_element();
  const auto uuid = util::parse_uuid(root.child("host").child("uuid").text().get());
  if (!uuid) {
    throw Error(Errc::unavailable, "the host has no uuid in its capabilities")
        .hint("set 'host_uuid' in /etc/libvirt/libvirtd.conf and restart libvirtd");
  }
  HostFacts facts{.uuid = *uuid, .domain_types = {}};
  bool has_guest = false;
  for (const pugi::xml_node guest : root.children("guest")) {
    if (std::string_view(guest.child("os_type").text().get()) != "hvm") continue;
    const pugi::xml_node arch = guest.find_child_by_attribute("arch", "name", "x86_64");
    has_guest = has_guest || arch;
    add_domain_types(arch, facts.domain_types);
  }
  if (!has_guest) {
    throw Error(Errc::unavailable, "the host can run no x86_64 guest").hint("install qemu-system-x86 on it");
  }
  return facts;
}

}  // namespace vmtool::xml
