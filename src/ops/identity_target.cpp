#include "ops/identity_target.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "storage/chain.hpp"
#include "util/error.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
using Path = std::filesystem::path;

constexpr std::size_t longest_disk_chain = 64;

std::vector<Path> pool_directories(const virt::Connection& connection) {
  std::vector<Path> directories;
  for (const virt::Pool& pool : connection.pools()) {
    const std::string path = xml::read_pool(pool.xml()).path;
    if (!path.empty()) directories.push_back(std::filesystem::weakly_canonical(path));
  }
  return directories;
}

bool lies_in(const Path& file, const std::vector<Path>& directories) {
  const Path parent = std::filesystem::weakly_canonical(file).parent_path();
  return std::find(directories.begin(), directories.end(), parent) != directories.end();
}

// Empty where the disk lies on no file of this host.
std::string path_of(const virt::Connection& connection, const model::Disk& disk) {
  if (!disk.path.empty() || !disk.volume || disk.pool.empty()) return disk.path;
  const auto pool = connection.find_pool(disk.pool);
  const auto volume = pool ? pool->find_volume(*disk.volume) : std::nullopt;
  return volume ? volume->path() : std::string();
}

identity::Disk chain_of(const std::string& path, const std::string& format, const std::vector<Path>& pools) {
  identity::Disk disk{{{path, format}}};
  while (disk.chain.back().format != "raw") {
    const identity::Image& image = disk.chain.back();
    const storage::ImageFile file = storage::inspect(image.path);
    if (file.backing_path.empty()) break;
    if (disk.chain.size() == longest_disk_chain)
      throw Error(Errc::conflict, fmt::format("the backing chain of '{}' does not end", path));
    if (!lies_in(file.backing_path, pools)) {
      throw Error(Errc::conflict, fmt::format("'{}' stands on '{}', which is in no storage pool", image.path.native(),
                                              file.backing_path))
          .hint("only backing files in storage pools are followed: make a pool of that directory");
    }
    if (file.backing_format.empty()) {
      throw Error(Errc::conflict,
                  fmt::format("'{}' does not state the format of its backing file", image.path.native()))
          .hint(fmt::format("state it: qemu-img rebase -u -F FORMAT -b {} {}", file.backing_path, image.path.native()));
    }
    disk.chain.push_back({file.backing_path, file.backing_format});
  }
  return disk;
}

}  // namespace

IdentityTarget identity_target(const virt::Connection& connection, const model::VirtualMachine& machine) {
  if (!connection.is_local()) {
    throw Error(Errc::unavailable, fmt::format("the disks of '{}' lie on another host", machine.name))
        .hint("run vmtool on that host");
  }
  const std::vector<Path> pools = pool_directories(connection);
  IdentityTarget found;
  for (const model::Disk& disk : machine.disks) {
    const std::string path = path_of(connection, disk);
    if (path.empty()) found.left_out.push_back(fmt::format("disk '{}' lies on no file of this host", disk.target));
    else found.target.disks.push_back(chain_of(path, std::string(model::to_text(disk.format)), pools));
  }
  if (found.target.disks.empty()) {
    throw Error(Errc::not_found,
                fmt::format("machine '{}' has no disk{}", machine.name, found.left_out.empty() ? "" : " on this host"));
  }
  return found;
}

}  // namespace vmtool::ops
