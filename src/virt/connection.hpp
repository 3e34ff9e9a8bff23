#pragma once
// A connection to a libvirt daemon. Everything here speaks XML text and plain values.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "util/reporter.hpp"
#include "virt/domain.hpp"
#include "virt/network.hpp"
#include "virt/storage.hpp"

namespace vmtool::virt {

/// How many RPCs of one connection gain by running at once; the daemon serves no more in parallel.
inline constexpr std::size_t rpc_threads = 4;

/// May be used from several threads at once; RPCs of one connection run in parallel in the daemon.
/// A call that does not come back within the call limit throws Error{unavailable}, and the connection is dead: every
/// further call throws at once, and nothing waits for the daemon at the end of the program. What may rightly take long
/// (starting a domain or a pool, refreshing a pool, making, copying or removing a volume) has no limit of its own: each
/// time that the call limit has passed, the daemon is asked for a sign of life, which must come within the call limit.
/// libvirt's errors are thrown as VirtError (virt/error.hpp).
class Connection {
 public:
  /// Opens `uri`; libvirt.so.0 is loaded by the first call. Throws Error{unavailable} where libvirt is not installed
  /// or the daemon does not answer within `limit`, Error{denied} where it refuses the user.
  static Connection open(const std::string& uri, std::chrono::milliseconds limit = std::chrono::seconds(15),
                         std::chrono::milliseconds call_limit = std::chrono::seconds(60));

  const std::string& uri() const noexcept { return uri_; }
  /// qemu:///…, test:///… or another URI without a host part.
  bool is_local() const noexcept;
  bool is_session() const noexcept;

  std::string capabilities() const;
  /// virConnectGetDomainCapabilities for q35 of x86_64 and the virttype ("kvm", "qemu").
  std::string domain_capabilities(const std::string& virt_type) const;

  std::optional<Domain> find_domain(const std::string& name) const;
  std::vector<Domain> domains() const;
  /// virConnectGetAllDomainStats in one call: state, balloon, vcpu; the processor time too, which takes longer, where asked for.
  enum class CpuTime { no, yes };
  std::vector<DomainStats> domain_stats(CpuTime cpu_time = CpuTime::no) const;
  /// Defines a domain; `validate` checks it against libvirt's schema first.
  enum class Validate { no, yes };
  Domain define_domain(const std::string& xml, Validate validate = Validate::no) const;
  /// Starts a domain that has no definition, paused; it is destroyed when this connection ends, whatever ends it.
  Domain start_transient(const std::string& xml) const;

  std::optional<Network> find_network(const std::string& name) const;
  std::vector<Network> networks() const;
  Network define_network(const std::string& xml, Validate validate = Validate::no) const;

  std::optional<Pool> find_pool(const std::string& name) const;
  std::vector<Pool> pools() const;
  Pool define_pool(const std::string& xml) const;
  /// The volume whose file is `path`, in whichever active pool.
  std::optional<Volume> find_volume_by_path(const std::string& path) const;

 private:
  Connection(std::shared_ptr<const Session> session, std::string uri);
  std::shared_ptr<const Session> session_;
  std::string uri_;
};

}  // namespace vmtool::virt
