#include "manifest/tables.hpp"

namespace vmtool::manifest {

using namespace model;

template <>
const Table<Forward>& table<Forward>() {
  static const Table<Forward> fields{
      field("mode", &Forward::mode, "How guests reach the outside."),
      field("device", &Forward::device, "The host's interface that traffic leaves by; any without it."),
  };
  return fields;
}

template <>
const Table<Bridge>& table<Bridge>() {
  static const Table<Bridge> fields{
      field("name", &Bridge::name, "The bridge on the host; auto is the first free virbrN.",
            {.word_for_default = "auto"}),
      field("stp", &Bridge::stp,
            "Spanning tree protocol: with it a guest is not reachable for its first 4 seconds or more."),
      field("delay", &Bridge::delay, "Forward delay in whole seconds."),
  };
  return fields;
}

template <>
const Table<NetworkDomain>& table<NetworkDomain>() {
  static const Table<NetworkDomain> fields{
      field("name", &NetworkDomain::name, "The DNS domain of the guests."),
      field("localOnly", &NetworkDomain::local_only, "Never ask other servers for names of the domain."),
  };
  return fields;
}

template <>
const Table<DhcpRange>& table<DhcpRange>() {
  static const Table<DhcpRange> fields{
      field("start", &DhcpRange::start, "The first address.", {.required = true}),
      field("end", &DhcpRange::end, "The last address.", {.required = true}),
      field("leaseTime", &DhcpRange::lease_time, "How long a lease lasts, whole seconds from 120s; 1h without it."),
  };
  return fields;
}

template <>
const Table<DhcpHost>& table<DhcpHost>() {
  static const Table<DhcpHost> fields{
      field("name", &DhcpHost::name, "The host's name."),
      field("macAddress", &DhcpHost::mac, "The host's Ethernet address."),
      field("address", &DhcpHost::address, "The address that it always gets.", {.required = true}),
  };
  return fields;
}

template <>
const Table<Dhcp>& table<Dhcp>() {
  static const Table<Dhcp> fields{
      field("ranges", &Dhcp::ranges, "The addresses that are given out."),
      field("hosts", &Dhcp::hosts, "Reservations."),
  };
  return fields;
}

template <>
const Table<NetworkAddress>& table<NetworkAddress>() {
  static const Table<NetworkAddress> fields{
      field("address", &NetworkAddress::prefix,
            "The host's own address and the subnet; auto is the first private /24 that nothing uses.",
            {.word_for_default = "auto"}),
      field("dhcp", &NetworkAddress::dhcp, "Give out addresses of this subnet."),
  };
  return fields;
}

template <>
const Table<DnsForwarder>& table<DnsForwarder>() {
  static const Table<DnsForwarder> fields{
      field("address", &DnsForwarder::address, "The server's address.", {.required = true}),
      field("domain", &DnsForwarder::domain, "Ask it for names of this domain only."),
  };
  return fields;
}

template <>
const Table<DnsHost>& table<DnsHost>() {
  static const Table<DnsHost> fields{
      field("address", &DnsHost::address, "The address that the names stand for.", {.required = true}),
      field("hostnames", &DnsHost::hostnames, "The names.", {.required = true}),
  };
  return fields;
}

template <>
const Table<Dns>& table<Dns>() {
  static const Table<Dns> fields{
      field("forwarders", &Dns::forwarders, "Servers to ask instead of the host's own."),
      field("hosts", &Dns::hosts, "Names of the network's own."),
  };
  return fields;
}

template <>
const Table<Network>& table<Network>() {
  static const Table<Network> fields = with_frame<Network>({
      field("name", &Network::name, "The network's name, one of its kind on a host.", {.required = true}),
      field("forward", &Network::forward, "How guests reach the outside."),
      field("bridge", &Network::bridge, "The bridge on the host."),
      field("domain", &Network::domain, "The DNS domain."),
      field("mtu", &Network::mtu, "The largest packet in bytes, 68 to 65535."),
      field("addresses", &Network::addresses, "The subnets."),
      field("dns", &Network::dns, "What the network's DNS server knows."),
      field("autostart", &Network::autostart, "Start the network with the host."),
      field("xml", &Network::xml, "Edits of the finished libvirt XML, in their order."),
  });
  return fields;
}

}  // namespace vmtool::manifest
