#include <fmt/format.h>

#include "xml/clone_draft.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

bool is_fixed(pugi::xml_attribute port) {
  return port && std::string_view(port.value()) != "-1" && std::string_view(port.value()) != "0";
}

void make_automatic(CloneDraft& draft, pugi::xml_node graphics, const char* name, const std::string& place) {
  pugi::xml_attribute port = graphics.attribute(name);
  if (!is_fixed(port)) return;
  draft.note({.item = fmt::format("graphics-{}", std::string_view(name) == "tlsPort" ? "tls-port" : name),
              .place = place,
              .status = CloneStatus::automatic,
              .old_value = port.value()});
  port.set_value("-1");
}

void clone_graphics(CloneDraft& draft) {
  for (pugi::xml_node graphics : draft.devices().children("graphics")) {
    const std::string place = graphics.attribute("type").value();
    const bool is_automatic = std::string_view(graphics.attribute("autoport").value()) == "yes";
    if (!is_automatic) {
      make_automatic(draft, graphics, "port", place);
      make_automatic(draft, graphics, "tlsPort", place);
      if (graphics.attribute("port") || graphics.attribute("tlsPort")) set(graphics, "autoport", "yes");
    }
    make_automatic(draft, graphics, "websocket", place);
    draft.rename(graphics.attribute("socket"), "graphics-socket", place);
    for (pugi::xml_node listen : graphics.children("listen"))
      draft.rename(listen.attribute("socket"), "graphics-socket", place);
    if (std::string_view(graphics.attribute("address").value()).starts_with("unix:path=")) {
      const std::string path = std::string(graphics.attribute("address").value()).substr(10);
      draft.renew(graphics.attribute("address"), "graphics-socket", place,
                  "unix:path=" + path_for(path, draft.old_name(), draft.values().name));
    }
  }
}

void clone_vsock(CloneDraft& draft) {
  pugi::xml_node cid = draft.devices().child("vsock").child("cid");
  pugi::xml_attribute address = cid.attribute("address");
  if (!address) return;
  draft.note({.item = "vsock-cid", .status = CloneStatus::automatic, .old_value = address.value()});
  cid.remove_attribute(address);
  set(cid, "auto", "yes");
}

void warn_of_what_is_shared(CloneDraft& draft) {
  for (const pugi::xml_node device : draft.devices().children("hostdev")) {
    draft.warn(fmt::format("a {} device of the host is shared: only one machine can run with it",
                           device.attribute("type").as_string("passed-through")));
  }
  for (const pugi::xml_node device : draft.devices().children("memory")) {
    const pugi::xml_node path = device.child("source").child("path");
    if (path)
      draft.warn(fmt::format("the memory device stands on '{}', which is shared with the source", path.text().get()));
  }
  for (const pugi::xml_node device : draft.devices().children("filesystem")) {
    const pugi::xml_node source = device.child("source");
    const char* what = source.attribute("dir") ? source.attribute("dir").value() : source.attribute("socket").value();
    draft.note({.item = "filesystem",
                .place = device.child("target").attribute("dir").value(),
                .status = CloneStatus::kept,
                .old_value = what,
                .new_value = what,
                .reason = "shared with the source"});
  }
  for (const pugi::xml_node label : draft.domain().children("seclabel")) {
    if (std::string_view(label.attribute("type").value()) == "static")
      draft.warn("the security label is a fixed one: both machines run under it");
  }
  const pugi::xml_node command = draft.domain().child("qemu:commandline");
  for (const pugi::xml_node argument : command.children("qemu:arg")) {
    const std::string value = argument.attribute("value").value();
    if (value.find(draft.old_name()) == value.npos &&
        (draft.old_uuid().empty() || value.find(draft.old_uuid()) == value.npos))
      continue;
    draft.warn(fmt::format("an argument for QEMU names the source and stays as it is: '{}'", value));
  }
}

}  // namespace

void clone_other_devices(CloneDraft& draft) {
  clone_graphics(draft);
  clone_vsock(draft);
  for (pugi::xml_node shmem : draft.devices().children("shmem")) draft.rename(shmem.attribute("name"), "shmem", "");
  warn_of_what_is_shared(draft);
}

}  // namespace vmtool::xml
