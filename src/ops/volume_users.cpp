#include "ops/volume_users.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "xml/domain.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {

std::vector<std::string> overlays_of(const virt::Connection& connection, const std::string& path) {
  std::vector<std::string> users;
  for (const virt::Pool& pool : connection.pools()) {
    if (!pool.is_active()) continue;
    for (const virt::Volume& volume : pool.volumes()) {
      if (xml::read_volume(volume.xml()).backing_path == path) users.push_back(fmt::format("'{}' in pool '{}'", volume.name(), pool.name()));
    }
  }
  return users;
}

std::vector<std::string> machines_with_disk(const virt::Connection& connection, const std::string& path) {
  std::vector<std::string> users;
  for (const virt::Domain& domain : connection.domains()) {
    const model::VirtualMachine machine = xml::read_domain(domain.xml(virt::Flavor::inactive));
    const bool has = std::any_of(machine.disks.begin(), machine.disks.end(), [&](const model::Disk& disk) { return disk.path == path; });
    if (has) users.push_back(domain.name());
  }
  return users;
}

}  // namespace vmtool::ops
