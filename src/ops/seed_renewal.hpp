#pragma once
// A seed of cloud-init for another machine: pure text.

#include <string>
#include <string_view>
#include <vector>

#include "identity/options.hpp"
#include "storage/seed.hpp"

namespace vmtool::ops {

struct SeedIdentity {
  std::string instance_id;
  std::string hostname;
  std::vector<identity::MacChange> macs;
  std::vector<identity::AddressChange> addresses;
};

/// The files with a new instance-id and local-hostname in meta-data, the old host name replaced where user-data sets it, and
/// MACs and addresses replaced in network-config; everything else stays.
std::vector<storage::SeedFile> renew_seed(std::vector<storage::SeedFile> files, const SeedIdentity& identity);

/// The value of a key in a flat mapping of YAML or JSON ("instance-id: web-1", "\"instance-id\": \"web-1\""); empty: not there.
std::string seed_value(std::string_view text, std::string_view key);

}  // namespace vmtool::ops
