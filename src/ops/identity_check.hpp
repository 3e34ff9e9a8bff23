#pragma once
// Who shares an identity with whom.

#include <string>
#include <vector>

#include "ops/container_home.hpp"
#include "ops/identity_show.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// One guest's part in what is shared.
struct Holder {
  std::string guest;
  std::string place;  ///< "/etc/machine-id", "vda" …; may be empty
};

/// A value that several guests have.
struct SharedIdentity {
  std::string what;  ///< "machine-id", "ssh-host-keys", "mac", "disk" …
  std::string value;
  std::vector<Holder> holders;
};

struct UnreadGuest {
  std::string guest;
  std::string reason;
};

struct IdentityCheck {
  std::size_t guests = 0;              ///< that were looked at
  std::vector<SharedIdentity> shared;  ///< by kind, then value
  std::vector<UnreadGuest> unread;     ///< guests whose definition alone was compared
};

/// An address that a guest has from the host's point of view, by lease or reservation.
struct KnownAddress {
  std::string guest;
  std::string address;
  std::string place;  ///< "lease in network 'default'" …
};

/// Compares every guest with every other; with `names`, only what one of these shares counts. Pure.
IdentityCheck find_shared(const std::vector<MachineIdentity>& guests, const std::vector<KnownAddress>& addresses,
                          const std::vector<std::string>& names);

/// Looks at every container of the host and, with a connection, at every machine. With `names`, reports what one of these shares with any
/// other. Throws Error{not_found} where a name is no guest.
IdentityCheck check_identities(const virt::Connection* connection, const ContainerHome& home,
                               const std::vector<std::string>& names);

}  // namespace vmtool::ops
