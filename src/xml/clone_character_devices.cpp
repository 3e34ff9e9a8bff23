// Serial ports, consoles, channels and what else stands on a file, a socket or a port of the host.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "util/text.hpp"
#include "xml/clone_draft.hpp"

namespace vmtool::xml {
namespace {

constexpr std::array<std::string_view, 8> character_devices{"serial",   "parallel",  "console", "channel",
                                                            "redirdev", "smartcard", "rng",     "tpm"};

bool is_character_device(pugi::xml_node device) {
  return std::find(character_devices.begin(), character_devices.end(), device.name()) != character_devices.end();
}

// A random source and a TPM have theirs one level deeper.
pugi::xml_node holder_of(pugi::xml_node device) {
  const std::string_view name = device.name();
  return name == "rng" || name == "tpm" ? device.child("backend") : device;
}

std::string type_of(pugi::xml_node device) {
  const pugi::xml_node holder = holder_of(device);
  return holder.attribute("type").value();
}

pugi::xml_node source_of(pugi::xml_node device, std::string_view mode) {
  for (const pugi::xml_node source : holder_of(device).children("source")) {
    if (!source.attribute("mode") || source.attribute("mode").value() == mode) return source;
  }
  return {};
}

void clone_source(CloneDraft& draft, pugi::xml_node device, const std::string& place) {
  const std::string type = type_of(device);
  const std::string item = fmt::format("{}-path", device.name());
  if (type == "file" || type == "pipe") {
    draft.rename(holder_of(device).child("source").attribute("path"), item, place);
    if (type == "pipe")
      draft.warn(fmt::format("{} is a named pipe of the host, which must be made before the start", place));
  } else if (type == "unix") {
    if (const pugi::xml_node source = source_of(device, "bind")) draft.rename(source.attribute("path"), item, place);
  } else if (type == "dev") {
    draft.warn(fmt::format("{} is a device of the host that the source has too", place));
  } else if (pugi::xml_node source = listening_source(device)) {
    const auto port = util::parse_decimal(source.attribute("service").value(), 65535);
    if (port)
      draft.renew(source.attribute("service"), fmt::format("{}-port", device.name()), place,
                  fmt::format("{}", draft.new_port(static_cast<unsigned>(*port))));
  }
}

}  // namespace

pugi::xml_node listening_source(pugi::xml_node device) {
  if (!is_character_device(device)) return {};
  const std::string type = type_of(device);
  if (type != "tcp" && type != "udp") return {};
  for (const pugi::xml_node source : holder_of(device).children("source")) {
    if (std::string_view(source.attribute("mode").value()) == "bind" && source.attribute("service")) return source;
  }
  return {};
}

void clone_character_devices(CloneDraft& draft) {
  std::map<std::string, unsigned> seen;
  for (pugi::xml_node device : draft.devices().children()) {
    if (!is_character_device(device)) continue;
    const std::string_view target = device.child("target").attribute("name").value();
    const unsigned number = seen[device.name()]++;
    const std::string place =
        target.empty() ? fmt::format("{} {}", device.name(), number) : fmt::format("{} {}", device.name(), target);
    clone_source(draft, device, place);
    draft.rename(device.child("log").attribute("file"), "log", place);
  }
}

}  // namespace vmtool::xml
