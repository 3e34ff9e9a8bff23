#include "identity/not_handled.hpp"

#include <array>

#include <fmt/format.h>

namespace vmtool::identity {
namespace {

struct Known {
  const char* what;
  const char* pattern;
};

constexpr std::array known_services{
    Known{"Kerberos keytab", "/etc/krb5.keytab"},
    Known{"Samba domain membership", "/var/lib/samba/private/secrets.tdb"},
    Known{"Red Hat subscription", "/etc/pki/consumer/cert.pem"},
    Known{"Ubuntu Pro token", "/var/lib/ubuntu-advantage/private/machine-token.json"},
    Known{"host id of ZFS and others", "/etc/hostid"},
    Known{"Kubernetes node", "/var/lib/kubelet/pki"},
    Known{"Kubernetes control plane", "/etc/kubernetes/pki"},
    Known{"etcd member", "/var/lib/etcd/member"},
    Known{"k3s or RKE node", "/var/lib/rancher"},
    Known{"Docker engine id", "/var/lib/docker/engine-id"},
    Known{"Corosync member", "/etc/corosync/corosync.conf"},
    Known{"Ceph keys", "/var/lib/ceph"},
    Known{"Salt minion keys", "/etc/salt/pki/minion/minion.pem"},
    Known{"Puppet certificate", "/etc/puppetlabs/puppet/ssl"},
    Known{"Tailscale node", "/var/lib/tailscale/tailscaled.state"},
    Known{"ZeroTier node", "/var/lib/zerotier-one/identity.secret"},
    Known{"WireGuard keys", "/etc/wireguard/*.conf"},
    Known{"TLS keys", "/etc/letsencrypt/live"},
    Known{"snap device", "/var/lib/snapd/device"},
};

}  // namespace

std::vector<Interest> not_handled_interests() {
  std::vector<Interest> interests;
  for (const Known& entry : known_services) interests.push_back({entry.pattern, Interest::Content::skip});
  return interests;
}

std::vector<std::string> seen_not_handled(const Facts& facts) {
  std::vector<std::string> seen;
  for (const Known& entry : known_services) {
    for (const Fact* fact : facts.matching(entry.pattern))
      seen.push_back(fmt::format("{} ({})", entry.what, fact->path));
  }
  return seen;
}

}  // namespace vmtool::identity
