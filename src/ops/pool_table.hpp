#pragma once
// Which pool holds which folder.

#include <optional>
#include <string>
#include <vector>

#include "virt/connection.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {

/// The active pools of a connection, read once.
class PoolTable {
 public:
  explicit PoolTable(const virt::Connection& connection);

  /// The pool whose folder holds the file directly.
  const virt::Pool* pool_of(const std::string& path) const;
  /// What libvirt says of the file; looks again once where it is not known. Absent: in no pool.
  std::optional<xml::VolumeFacts> find(const std::string& path) const;

 private:
  struct Entry {
    virt::Pool pool;
    std::string folder;
  };
  std::vector<Entry> entries_;
};

std::string folder_of(const std::string& path);
std::string file_name_of(const std::string& path);

}  // namespace vmtool::ops
