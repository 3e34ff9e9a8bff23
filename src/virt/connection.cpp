#include "virt/connection.hpp"

#include <fmt/format.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <string_view>

#include "virt/domain_state.hpp"
#include "virt/handles.hpp"
#include "virt/session.hpp"

namespace vmtool::virt {
namespace {

// Looks an object up by name; absent where libvirt says `absent`.
template <class Wrapper, auto Lookup, auto Free, class Owner>
auto find(const std::shared_ptr<const Session>& session, Owner owner, const std::string& name, int absent,
          const char* kind) -> std::optional<Wrapper> {
  using T = std::remove_pointer_t<decltype(Lookup(owner.get(), ""))>;
  auto object = session->call([owner, name, absent, what = fmt::format("looking for {} '{}'", kind, name)] {
    util::Handle<T, Free> found(Lookup(owner.get(), name.c_str()));
    if (!found && virGetLastErrorCode() != absent) throw VirtError(what);
    return std::shared_ptr<T>(std::move(found));
  });
  if (!object) return std::nullopt;
  return Wrapper(session, std::move(object));
}

// Everything of one kind.
template <class Wrapper, class T, auto ListAll, auto Free>
std::vector<Wrapper> all(const std::shared_ptr<const Session>& session, const std::string& what) {
  std::vector<Wrapper> wrappers;
  for (auto& object : session->call([c = session->connection(), what] {
         return list<Free, T>([&](T*** out) { return ListAll(c.get(), out, 0); }, what);
       })) {
    wrappers.emplace_back(session, std::move(object));
  }
  return wrappers;
}

DomainStats stats_of(const virDomainStatsRecord& record, const std::string& what) {
  DomainStats stats;
  stats.name = virDomainGetName(record.dom);
  char uuid[VIR_UUID_STRING_BUFLEN] = {};
  check(virDomainGetUUIDString(record.dom, uuid), what);
  stats.uuid = uuid;
  for (int i = 0; i < record.nparams; ++i) {
    const virTypedParameter& item = record.params[i];
    const std::string_view field = item.field;
    if (field == "state.state" && item.type == VIR_TYPED_PARAM_INT) stats.state = domain_state_of(item.value.i);
    if (field == "balloon.current" && item.type == VIR_TYPED_PARAM_ULLONG) stats.balloon_kib = item.value.ul;
    if (field == "balloon.maximum" && item.type == VIR_TYPED_PARAM_ULLONG) stats.maximum_kib = item.value.ul;
    if (field == "cpu.time" && item.type == VIR_TYPED_PARAM_ULLONG) stats.cpu_time_ns = item.value.ul;
    if (field == "vcpu.current" && item.type == VIR_TYPED_PARAM_UINT) stats.vcpus = item.value.ui;
  }
  return stats;
}

/// The part of a URI between "://" and the next "/".
std::string_view host_of(std::string_view uri) {
  const auto start = uri.find("://");
  if (start == std::string_view::npos) return {};
  const std::string_view rest = uri.substr(start + 3);
  return rest.substr(0, rest.find_first_of("/?"));
}

}  // namespace

Connection::Connection(std::shared_ptr<const Session> session, std::string uri)
    : session_(std::move(session)), uri_(std::move(uri)) {}

Connection Connection::open(const std::string& uri, std::chrono::milliseconds limit,
                            std::chrono::milliseconds call_limit) {
  return {Session::open(uri, limit, call_limit), uri};
}

bool Connection::is_local() const noexcept { return host_of(uri_).empty(); }

bool Connection::is_session() const noexcept {
  const std::string_view path = std::string_view(uri_).substr(0, uri_.find('?'));
  return path.ends_with("/session");
}

std::string Connection::capabilities() const {
  return session_->call_long([c = session_->connection()] {
    return take_text(virConnectGetCapabilities(c.get()), "reading the host's capabilities");
  });
}

std::string Connection::domain_capabilities(const std::string& virt_type) const {
  return session_->call_long([c = session_->connection(), virt_type] {
    return take_text(virConnectGetDomainCapabilities(c.get(), nullptr, "x86_64", "q35", virt_type.c_str(), 0),
                     fmt::format("reading what the host can do for '{}' machines", virt_type));
  });
}

std::optional<Domain> Connection::find_domain(const std::string& name) const {
  return find<Domain, virDomainLookupByName, virDomainFree>(session_, session_->connection(), name, VIR_ERR_NO_DOMAIN,
                                                            "domain");
}

std::vector<Domain> Connection::domains() const {
  return all<Domain, virDomain, virConnectListAllDomains, virDomainFree>(session_, "listing the domains");
}

std::vector<DomainStats> Connection::domain_stats(CpuTime cpu_time) const {
  return session_->call([c = session_->connection(), cpu_time] {
    const std::string what = "reading the state of all domains";
    const unsigned times = cpu_time == CpuTime::yes ? unsigned{VIR_DOMAIN_STATS_CPU_TOTAL} : 0U;
    const unsigned wanted = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU | times;
    virDomainStatsRecordPtr* records = nullptr;
    // Without waiting for a domain that is busy: what is known of it is enough.
    int count = virConnectGetAllDomainStats(c.get(), wanted, &records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    if (count < 0 && virGetLastErrorCode() == VIR_ERR_INVALID_ARG) {
      count = virConnectGetAllDomainStats(c.get(), wanted, &records, 0);
    }
    check(count, what);
    const util::Handle<virDomainStatsRecordPtr, virDomainStatsRecordListFree> owner(records);
    std::vector<DomainStats> stats;
    stats.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) stats.push_back(stats_of(*records[i], what));
    return stats;
  });
}

Domain Connection::define_domain(const std::string& xml, Validate validate) const {
  const unsigned flags = validate == Validate::yes ? unsigned{VIR_DOMAIN_DEFINE_VALIDATE} : 0U;
  // The first definition after a start or an update makes the daemon ask QEMU for what it can do, which takes its time.
  return {session_, session_->call_long([c = session_->connection(), xml, flags] {
            return own<virDomainFree>(virDomainDefineXMLFlags(c.get(), xml.c_str(), flags), "defining a domain");
          })};
}

Domain Connection::start_transient(const std::string& xml) const {
  constexpr unsigned flags = VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY;
  return {session_, session_->call_long([c = session_->connection(), xml] {
            return own<virDomainFree>(virDomainCreateXML(c.get(), xml.c_str(), flags), "starting a transient domain");
          })};
}

std::optional<Network> Connection::find_network(const std::string& name) const {
  return find<Network, virNetworkLookupByName, virNetworkFree>(session_, session_->connection(), name,
                                                               VIR_ERR_NO_NETWORK, "network");
}

std::vector<Network> Connection::networks() const {
  return all<Network, virNetwork, virConnectListAllNetworks, virNetworkFree>(session_, "listing the networks");
}

Network Connection::define_network(const std::string& xml, Validate validate) const {
  const unsigned flags = validate == Validate::yes ? unsigned{VIR_NETWORK_DEFINE_VALIDATE} : 0U;
  return {session_, session_->call([c = session_->connection(), xml, flags] {
            return own<virNetworkFree>(virNetworkDefineXMLFlags(c.get(), xml.c_str(), flags), "defining a network");
          })};
}

std::optional<Pool> Connection::find_pool(const std::string& name) const {
  return find<Pool, virStoragePoolLookupByName, virStoragePoolFree>(session_, session_->connection(), name,
                                                                    VIR_ERR_NO_STORAGE_POOL, "pool");
}

std::vector<Pool> Connection::pools() const {
  return all<Pool, virStoragePool, virConnectListAllStoragePools, virStoragePoolFree>(session_, "listing the pools");
}

Pool Connection::define_pool(const std::string& xml) const {
  return {session_, session_->call([c = session_->connection(), xml] {
            return own<virStoragePoolFree>(virStoragePoolDefineXML(c.get(), xml.c_str(), 0), "defining a pool");
          })};
}

std::optional<Volume> Connection::find_volume_by_path(const std::string& path) const {
  return find<Volume, virStorageVolLookupByPath, virStorageVolFree>(session_, session_->connection(), path,
                                                                    VIR_ERR_NO_STORAGE_VOL, "the volume of file");
}

}  // namespace vmtool::virt
