#include "ops/volumes.hpp"

#include <fmt/format.h>

#include "ops/execute_storage.hpp"
#include "ops/volume_users.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

virt::Volume volume_or_throw(const virt::Connection& connection, const std::string& pool_name,
                             const std::string& name) {
  const virt::Pool pool = pool_or_throw(connection, pool_name);
  if (auto volume = pool.find_volume(name)) return *volume;
  // Another tool may have put the file there since libvirt looked.
  pool.refresh();
  if (auto volume = pool.find_volume(name)) return *volume;
  std::vector<std::string> names;
  for (const virt::Volume& other : pool.volumes()) names.push_back(other.name());
  const auto near = util::nearest(name, names);
  throw Error(Errc::not_found, fmt::format("there is no volume '{}' in pool '{}'", util::printable(name), pool_name))
      .hint(near ? fmt::format("did you mean '{}'?", *near) : "");
}

// A backing chain that loops must not keep us for ever.
constexpr std::size_t longest_chain = 200;

}  // namespace

VolumeReport describe_volume(const virt::Connection& connection, const std::string& pool, const std::string& name) {
  VolumeReport report;
  report.pool = pool;
  report.facts = xml::read_volume(volume_or_throw(connection, pool, name).xml());
  report.machines = machines_with_disk(connection, report.facts.path);
  report.overlays = overlays_of(connection, report.facts.path);
  return report;
}

std::vector<xml::VolumeFacts> chain_of(const virt::Connection& connection, const std::string& pool,
                                       const std::string& name) {
  std::vector<xml::VolumeFacts> chain{xml::read_volume(volume_or_throw(connection, pool, name).xml())};
  while (!chain.back().backing_path.empty()) {
    if (chain.size() >= longest_chain)
      throw Error(Errc::invalid_input,
                  fmt::format("the backing chain of '{}' has more than {} links", name, longest_chain));
    const auto next = connection.find_volume_by_path(chain.back().backing_path);
    if (!next) {
      xml::VolumeFacts outside;
      outside.path = chain.back().backing_path;
      outside.format = chain.back().backing_format;
      chain.push_back(std::move(outside));
      break;
    }
    chain.push_back(xml::read_volume(next->xml()));
  }
  return chain;
}

void resize_volume(const virt::Connection& connection, const std::string& pool, const std::string& name,
                   util::Bytes capacity) {
  const virt::Volume volume = volume_or_throw(connection, pool, name);
  const VolumeReport report = describe_volume(connection, pool, name);
  if (capacity < report.facts.capacity) {
    throw Error(Errc::conflict, fmt::format("volume '{}' has {}: it is never shrunk to {}", name,
                                            util::to_text(report.facts.capacity), util::to_text(capacity)))
        .hint("shrinking would cut off what lies at its end");
  }
  if (!report.overlays.empty()) {
    throw Error(Errc::conflict,
                fmt::format("volume '{}' is the backing file of {}", name, util::join(report.overlays, ", ")))
        .hint("grow those instead");
  }
  for (const std::string& machine_name : report.machines) {
    const auto domain = connection.find_domain(machine_name);
    if (!domain || !virt::is_active(domain->state())) continue;
    for (const model::Disk& disk : xml::read_domain(domain->xml(virt::Flavor::current)).disks) {
      if (disk.path == report.facts.path) {
        domain->block_resize(disk.target, capacity.count);
        return;
      }
    }
  }
  volume.resize(capacity.count);
}

void delete_volume(const virt::Connection& connection, const std::string& pool, const std::string& name) {
  const VolumeReport report = describe_volume(connection, pool, name);
  if (!report.machines.empty()) {
    throw Error(Errc::conflict, fmt::format("volume '{}' is a disk of {}", name, util::quoted_list(report.machines)))
        .hint("delete the machine, or take the disk out of it first");
  }
  if (!report.overlays.empty()) {
    throw Error(Errc::conflict,
                fmt::format("volume '{}' is the backing file of {}", name, util::join(report.overlays, ", ")))
        .hint("delete those first; without their backing file they are lost");
  }
  volume_or_throw(connection, pool, name).remove();
}

}  // namespace vmtool::ops
