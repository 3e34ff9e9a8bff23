#pragma once
// What a domain's definition holds that no other domain of the host should hold too.

#include <string>
#include <string_view>
#include <vector>

namespace vmtool::xml {

/// One value that is to be a machine's own.
struct UniqueField {
  std::string
      kind;  ///< "uuid", "genid", "smbios", "mac", "disk serial", "wwn", "disk", "nvram", "vsock cid", "port", "path", "shmem", "shmem"
  std::string value;  ///< as the definition states it; digits of MACs and UUIDs in lower case
  std::string place;  ///< which of them: "vda", "system serial" …; empty where there is only one
};

/// Every such value of a domain XML, in its order there. Left out: what libvirt chooses at each start (automatic ports,
/// vsock CIDs, agent sockets), and disks that are read-only or shareable, which machines may share.
/// Throws Error{invalid_input} where it is no domain XML.
std::vector<UniqueField> unique_fields(std::string_view domain_xml);

}  // namespace vmtool::xml
