#pragma once
// Which container has which address; see container_network.hpp for the files.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "util/file_lock.hpp"

namespace vmtool::ops {

struct AddressRecord {
  std::string network;
  model::IpAddress address;
  std::string container;
  std::string interface;
  model::MacAddress mac;
  std::string name;          ///< in the network's DNS
  bool is_reserved = false;  ///< in the network's DHCP too
};

class AddressRecords {
 public:
  /// Makes the directory where it is missing, and waits for the lock. Throws SysError.
  explicit AddressRecords(std::filesystem::path directory);

  /// Files that are no records are passed over.
  const std::vector<AddressRecord>& all() const noexcept { return records_; }
  const AddressRecord* find(const std::string& network, const model::IpAddress& address) const;
  const AddressRecord* find(const std::string& network, const std::string& container,
                            const std::string& interface) const;
  void add(const AddressRecord& record);
  void remove(const AddressRecord& record);

 private:
  std::filesystem::path file_of(const AddressRecord& record) const;

  std::filesystem::path directory_;
  std::optional<util::FileLock> lock_;  ///< held from the constructor on
  std::vector<AddressRecord> records_;
};

/// Where this user's are.
std::filesystem::path address_directory();

/// The containers that have something in a network, sorted; of all networks where it is "". Where no container ever had a network, nothing is made.
std::vector<std::string> containers_on(const std::string& network);

}  // namespace vmtool::ops
