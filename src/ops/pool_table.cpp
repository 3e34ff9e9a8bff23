#include "ops/pool_table.hpp"

#include <algorithm>

#include "util/error.hpp"

namespace vmtool::ops {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string file_name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

PoolTable::PoolTable(const virt::Connection& connection) {
  for (const virt::Pool& pool : connection.pools()) {
    if (pool.is_active()) entries_.push_back({pool, xml::read_pool(pool.xml()).path});
  }
}

const virt::Pool* PoolTable::pool_of(const std::string& path) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.folder == folder_of(path); });
  return found == entries_.end() ? nullptr : &found->pool;
}

std::optional<xml::VolumeFacts> PoolTable::find(const std::string& path) const {
  const virt::Pool* pool = pool_of(path);
  if (pool == nullptr) return std::nullopt;
  auto volume = pool->find_volume(file_name_of(path));
  if (!volume) {
    pool->refresh();  // another tool may have put it there
    volume = pool->find_volume(file_name_of(path));
  }
  if (!volume) return std::nullopt;
  return xml::read_volume(volume->xml());
}

}  // namespace vmtool::ops
