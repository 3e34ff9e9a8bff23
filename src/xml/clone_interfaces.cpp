#include <fmt/format.h>

#include "util/error.hpp"
#include "xml/clone_draft.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

void clone_mac(CloneDraft& draft, pugi::xml_node interface, const std::string& place, const std::string& mac) {
  pugi::xml_node node = interface.child("mac");
  const std::string old = node.attribute("address").value();
  if (!node) node = interface.prepend_child("mac");
  set(node, "address", mac);
  draft.note({.item = "mac", .place = place, .old_value = old, .new_value = mac});
  // A filter that lets only one address through names it (formatnwfilter.html, parameters MAC and IP).
  for (pugi::xml_node parameter : interface.child("filterref").children("parameter")) {
    const std::string value = parameter.attribute("value").value();
    if (!old.empty() && value == old) draft.renew(parameter.attribute("value"), "filter-parameter", place, mac);
    const auto address = draft.values().addresses.find(value);
    if (address == draft.values().addresses.end()) continue;
    if (!address->second.empty()) draft.renew(parameter.attribute("value"), "filter-parameter", place, address->second);
    else draft.warn(fmt::format("the filter of interface {} lets only {} through", place, value));
  }
}

// The host's side of the cable: libvirt makes a name where none is given.
void clone_host_side(CloneDraft& draft, pugi::xml_node interface, const std::string& place) {
  pugi::xml_node target = interface.child("target");
  const std::string name = target.attribute("dev").value();
  if (!name.empty()) {
    target.remove_attribute("dev");
    if (!target.first_attribute()) interface.remove_child(target);
    draft.note({.item = "interface-name", .place = place, .status = CloneStatus::automatic, .old_value = name});
  }
  // A port of a virtual switch is known by it (formatdomain.html, virtualport).
  pugi::xml_node parameters = interface.child("virtualport").child("parameters");
  for (const char* key : {"interfaceid", "instanceid"})
    draft.renew(parameters.attribute(key), "switch-port", place, draft.fresh_uuid());
  if (std::string_view(interface.attribute("type").value()) == "vhostuser")
    draft.rename(interface.child("source").attribute("path"), "interface-socket", place);
  if (interface.child("portForward"))
    draft.warn(fmt::format("interface {} forwards ports of the host that the source forwards too", place));
  if (std::string_view(interface.attribute("type").value()) == "hostdev")
    draft.warn(fmt::format("interface {} is a device of the host: only one machine can run with it", place));
}

}  // namespace

void clone_interfaces(CloneDraft& draft) {
  std::size_t index = 0;
  for (pugi::xml_node interface : draft.devices().children("interface")) {
    if (index >= draft.values().macs.size())
      throw util::Error(util::Errc::invalid_input, "an interface without a new MAC address");
    const std::string place = fmt::format("{}", index);
    clone_mac(draft, interface, place, draft.values().macs[index]);
    clone_host_side(draft, interface, place);
    ++index;
  }
}

}  // namespace vmtool::xml
