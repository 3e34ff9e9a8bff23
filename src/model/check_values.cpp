#include <fmt/format.h>

#include "model/check_rules.hpp"

namespace vmtool::model {
namespace {

constexpr std::uint64_t sector = 512;
constexpr util::Bytes largest_disk{std::uint64_t{1} << 60};
constexpr unsigned smallest_mtu = 68;  // RFC 791, 3.2
constexpr unsigned largest_mtu = 65535;

}  // namespace

std::string at(std::string_view list, std::size_t index) { return fmt::format("{}[{}]", list, index); }

bool is_host_address(const IpAddress& address) {
  if (address.v6) {
    IpAddress loopback{.v6 = true};
    loopback.bytes.back() = 1;
    return address != IpAddress{.v6 = true} && address != loopback && address.bytes.front() != 0xFF;
  }
  // RFC 1122, 3.2.1.3: 0/8 is "this network", 127/8 loopback; RFC 1112: 224/4 and above are not unicast.
  const std::uint32_t first = ipv4_value(address) >> 24;
  return first != 0 && first != 127 && first < 224;
}

void Findings::check_mtu(std::string path, unsigned bytes) {
  if (bytes >= smallest_mtu && bytes <= largest_mtu) return;
  add(std::move(path), fmt::format("an MTU of {} is out of range", bytes),
      fmt::format("write {} to {}", smallest_mtu, largest_mtu));
}

void Findings::check_mac(std::string path, const MacAddress& mac) {
  if (mac == MacAddress{}) {
    add(std::move(path), "the MAC address is all zeros", "write auto to have one made");
  } else if (mac.is_multicast()) {
    add(std::move(path), fmt::format("'{}' is a multicast address, which no interface can have", to_text(mac)),
        "make the first byte even, e.g. 52, or write auto");
  }
}

void Findings::check_capacity(std::string path, util::Bytes size) {
  if (size.count == 0) {
    add(std::move(path), "the capacity is zero");
  } else if (size > largest_disk) {
    add(std::move(path), fmt::format("a capacity of {} is larger than {}", to_text(size), to_text(largest_disk)));
  } else if (size.count % sector != 0) {
    add(std::move(path), fmt::format("a capacity of {} is not a multiple of {} bytes", to_text(size), sector),
        fmt::format("write {}B", (size.count / sector + 1) * sector));
  }
}

void Findings::check_edits(const std::vector<XmlEdit>& edits) {
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const XmlEdit& edit = edits[i];
    const int count = (edit.set ? 1 : 0) + (edit.add ? 1 : 0) + (edit.remove ? 1 : 0);
    if (count != 1) add(at("xml", i), "an edit has exactly one of 'set', 'add' and 'delete: true'");
    check_line(at("xml", i) + ".xpath", edit.xpath);
  }
}

}  // namespace vmtool::model
