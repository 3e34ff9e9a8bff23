#include <arpa/inet.h>
#include <fmt/format.h>

#include "oci/config_parts.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

std::vector<unsigned char> read_address(const JsonReader& item, const std::string& text) {
  std::vector<unsigned char> bytes(16);
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    bytes.resize(4);
  } else if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
    item.refuse(fmt::format("'{}' is no IP address", util::printable(text)));
  }
  return bytes;
}

isolation::InterfaceAddress read_prefixed(const JsonReader& item, const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos)
    item.refuse(fmt::format("'{}' has no prefix length (192.0.2.1/24)", util::printable(text)));
  isolation::InterfaceAddress out;
  out.bytes = read_address(item, text.substr(0, slash));
  const auto prefix = util::parse_decimal(text.substr(slash + 1), out.bytes.size() * 8);
  if (!prefix) item.refuse(fmt::format("'{}' has no prefix length that fits", util::printable(text)));
  out.prefix = static_cast<unsigned char>(*prefix);
  return out;
}

std::vector<unsigned char> read_mac(const JsonReader& item, const std::string& text) {
  std::vector<unsigned char> bytes;
  for (const std::string& part : util::split(text, ':')) {
    const bool hex = part.size() == 2 && part.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (!hex) item.refuse(fmt::format("'{}' is no MAC address", util::printable(text)));
    bytes.push_back(static_cast<unsigned char>(std::stoul(part, nullptr, 16)));
  }
  if (bytes.size() != 6 || (bytes[0] & 1) != 0)
    item.refuse(fmt::format("'{}' is no MAC address of one card", util::printable(text)));
  return bytes;
}

isolation::Route read_route(const JsonReader& item) {
  isolation::Route out;
  const std::string destination = item.text("destination", "default");
  if (destination != "default") out.destination = read_prefixed(item, destination);
  if (const auto gateway = item.find("gateway")) out.gateway = read_address(*gateway, gateway->text());
  if (destination == "default" && out.gateway.empty()) item.refuse("a default route needs a gateway");
  return out;
}

}  // namespace

std::vector<isolation::Interface> read_interfaces(const JsonReader& list) {
  std::vector<isolation::Interface> out;
  if (!list.value().is_array()) list.refuse("must be an array");
  std::size_t index = 0;
  for (const auto& value : list.value()) {
    const JsonReader item(value, fmt::format("{}[{}]", list.place(), index++));
    isolation::Interface one;
    one.name = item.text("name", "eth0");
    one.bridge = item.text("bridge");
    one.host_name = item.text("hostName");
    if (const auto mac = item.find("macAddress")) one.mac = read_mac(*mac, mac->text());
    if (const auto mtu = item.find("mtu")) one.mtu = static_cast<unsigned>(mtu->integer(68, 65535));
    item.each("addresses",
              [&](const JsonReader& address) { one.addresses.push_back(read_prefixed(address, address.text())); });
    item.each("routes", [&](const JsonReader& route) { one.routes.push_back(read_route(route)); });
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace vmtool::oci
