#pragma once
// Identities that exist and that vmtool leaves alone, because only the service that gave them can renew them.

#include <string>
#include <vector>

#include "identity/facts.hpp"

namespace vmtool::identity {

std::vector<Interest> not_handled_interests();

/// What this guest has of them: "Kerberos keytab (/etc/krb5.keytab)".
std::vector<std::string> seen_not_handled(const Facts& facts);

}  // namespace vmtool::identity
