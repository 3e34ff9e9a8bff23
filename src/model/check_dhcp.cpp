#include <chrono>
#include <set>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/duration.hpp"

namespace vmtool::model {
namespace {

using namespace std::chrono_literals;

constexpr auto shortest_lease = 120s;  // dnsmasq(8), dhcp-range

// Whether an address can be given to a guest of the subnet; says why not.
bool check_guest_address(const IpPrefix& subnet, const IpAddress& address, const std::string& path,
                         Findings& findings) {
  const std::string shown = to_text(address);
  if (!contains(subnet, address)) {
    findings.add(path, fmt::format("'{}' is not in the subnet of '{}'", shown, to_text(subnet)));
  } else if (address == first_address(subnet)) {
    findings.add(path, fmt::format("'{}' is the address of the network itself", shown));
  } else if (!address.v6 && address == last_address(subnet)) {
    findings.add(path, fmt::format("'{}' is the network's broadcast address", shown));
  } else {
    return true;
  }
  return false;
}

void check_range(const IpPrefix& subnet, const DhcpRange& range, const std::string& path, Findings& findings) {
  const bool start_is_good = check_guest_address(subnet, range.start, path + ".start", findings);
  const bool end_is_good = check_guest_address(subnet, range.end, path + ".end", findings);
  if (start_is_good && end_is_good) {
    if (range.end < range.start) {
      findings.add(path + ".end", fmt::format("the range ends at '{}' before it starts at '{}'", to_text(range.end),
                                              to_text(range.start)));
    } else if (range.start <= subnet.address && subnet.address <= range.end) {
      findings.add(path, fmt::format("the range has the host's own address '{}'", to_text(subnet.address)));
    }
  }
  if (!range.lease_time) return;
  if (*range.lease_time % 1s != 0ms || *range.lease_time < shortest_lease) {
    findings.add(path + ".leaseTime",
                 fmt::format("a lease time of {} is not whole seconds from 120s", util::to_text(*range.lease_time)));
  }
}

void check_overlaps(const std::vector<DhcpRange>& ranges, const std::string& path, Findings& findings) {
  std::set<std::pair<IpAddress, IpAddress>> before;  // start, end; none of them overlap
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const DhcpRange& range = ranges[i];
    if (range.end < range.start) continue;
    auto next = before.lower_bound({range.start, range.start});
    const bool hits_next = next != before.end() && next->first <= range.end;
    const bool hits_last = next != before.begin() && range.start <= std::prev(next)->second;
    if (hits_next || hits_last) findings.add(at(path, i), "the range overlaps another one");
    else before.emplace(range.start, range.end);
  }
}

class Reservations {
 public:
  Reservations(const IpPrefix& subnet, Findings& findings) : subnet_(subnet), findings_(findings) {}

  void check(const DhcpHost& host, const std::string& path) {
    if (check_guest_address(subnet_, host.address, path + ".address", findings_)) {
      if (host.address == subnet_.address)
        findings_.add(path + ".address", fmt::format("'{}' is the host's own address", to_text(host.address)));
      if (!addresses_.insert(host.address).second)
        findings_.add(path + ".address", fmt::format("'{}' is reserved twice", to_text(host.address)));
    }
    if (!host.name.empty()) {
      findings_.check_dns_name(path + ".name", host.name);
      if (!names_.insert(host.name).second)
        findings_.add(path + ".name", fmt::format("the name '{}' is given twice", host.name));
    }
    if (host.mac) {
      findings_.check_mac(path + ".macAddress", *host.mac);
      if (!macs_.insert(*host.mac).second)
        findings_.add(path + ".macAddress", fmt::format("'{}' has two reservations", to_text(*host.mac)));
    }
    check_key(host, path);
  }

 private:
  // DHCPv6 knows clients by their DUID or name, never by a MAC (formatnetwork.html, dhcp host).
  void check_key(const DhcpHost& host, const std::string& path) {
    if (subnet_.address.v6 && host.mac) {
      findings_.add(path + ".macAddress", "DHCP for IPv6 does not know MAC addresses", "reserve by 'name'");
    } else if (host.name.empty() && !host.mac) {
      findings_.add(path, "a reservation needs a MAC address or a name",
                    subnet_.address.v6 ? "add 'name'" : "add 'macAddress' or 'name'");
    }
  }

  const IpPrefix& subnet_;
  Findings& findings_;
  std::set<IpAddress> addresses_;
  std::set<std::string> names_;
  std::set<MacAddress> macs_;
};

}  // namespace

void check_dhcp(const NetworkAddress& subnet, const std::string& path, Findings& findings) {
  const Dhcp& dhcp = *subnet.dhcp;
  if (!subnet.prefix) {
    if (!dhcp.ranges.empty())
      findings.add(path + ".ranges", "ranges need a subnet that is known",
                   "write the network's 'address', or remove 'ranges'");
    if (!dhcp.hosts.empty())
      findings.add(path + ".hosts", "reservations need a subnet that is known",
                   "write the network's 'address', or remove 'hosts'");
    return;
  }
  for (std::size_t i = 0; i < dhcp.ranges.size(); ++i)
    check_range(*subnet.prefix, dhcp.ranges[i], at(path + ".ranges", i), findings);
  check_overlaps(dhcp.ranges, path + ".ranges", findings);
  Reservations reservations(*subnet.prefix, findings);
  for (std::size_t i = 0; i < dhcp.hosts.size(); ++i) reservations.check(dhcp.hosts[i], at(path + ".hosts", i));
}

}  // namespace vmtool::model
