// What leases, the guest agent and the ARP table know of a guest's addresses.

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <algorithm>
#include <array>

#include "virt/domain.hpp"
#include "virt/handles.hpp"
#include "virt/session.hpp"

namespace vmtool::virt {
namespace {

// libvirt waits for a guest's agent for as long as it likes; a guest that hangs must not hold us.
constexpr std::chrono::milliseconds agent_limit{10'000};

constexpr auto cannot_be_asked = std::to_array<int>({
    VIR_ERR_OPERATION_INVALID,  // not running
    VIR_ERR_AGENT_UNRESPONSIVE, VIR_ERR_AGENT_UNSYNCED,
    VIR_ERR_ARGUMENT_UNSUPPORTED,  // no agent channel; a source that the driver lacks
    VIR_ERR_CONFIG_UNSUPPORTED, VIR_ERR_NO_SUPPORT, VIR_ERR_OPERATION_UNSUPPORTED,
    VIR_ERR_NO_NETWORK,  // a lease of a network that is gone
});

unsigned source_of(AddressSource source) {
  switch (source) {
    case AddressSource::lease: return VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE;
    case AddressSource::agent: return VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT;
    case AddressSource::arp: break;
  }
  return VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP;
}

std::vector<GuestAddress> ask(virDomain* domain, AddressSource source, const std::string& what) {
  virDomainInterfacePtr* items = nullptr;
  const int count = virDomainInterfaceAddresses(domain, &items, source_of(source), 0);
  if (count < 0) {
    const VirtError error(what);
    if (std::find(cannot_be_asked.begin(), cannot_be_asked.end(), error.code()) != cannot_be_asked.end()) return {};
    // libvirt 9.0 can't read an ARP table that is empty: "wrong nlmsg len".
    if (source == AddressSource::arp && error.code() == VIR_ERR_INTERNAL_ERROR && error.kind() == util::Errc::io)
      return {};
    throw error;
  }
  const util::Handle<virDomainInterfacePtr, std::free> array(items);
  std::vector<GuestAddress> addresses;
  for (int i = 0; i < count; ++i) {
    const util::Handle<virDomainInterface, virDomainInterfaceFree> interface(items[i]);
    for (unsigned j = 0; j < interface->naddrs; ++j) {
      const virDomainIPAddress& address = interface->addrs[j];
      addresses.push_back({.interface = text_or_empty(interface->name),
                           .mac = lower_case(text_or_empty(interface->hwaddr)),
                           .address = text_or_empty(address.addr),
                           .prefix = address.prefix});
    }
  }
  return addresses;
}

}  // namespace

std::vector<GuestAddress> Domain::addresses(AddressSource source) const {
  const auto asking = [d = handle_, source, what = fmt::format("asking for the addresses of domain '{}'", name_)] {
    return ask(d.get(), source, what);
  };
  if (source != AddressSource::agent) return session_->call(asking);
  return session_->call_guest(asking, agent_limit).value_or(std::vector<GuestAddress>());
}

}  // namespace vmtool::virt
