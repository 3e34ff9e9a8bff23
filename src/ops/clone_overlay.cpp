#include "ops/clone_overlay.hpp"

#include <unistd.h>

#include <fmt/format.h>

#include "storage/overlay.hpp"
#include "util/error.hpp"

namespace vmtool::ops {

bool is_unwritten_overlay(const virt::Connection& connection, const std::string& path) {
  if (connection.is_local() && ::access(path.c_str(), R_OK) == 0)
    return storage::is_empty_overlay(std::filesystem::path(path));
  const auto volume = connection.find_volume_by_path(path);
  if (!volume) return false;
  return util::during(fmt::format("reading the overlay '{}'", path), [&] {
    return storage::is_empty_overlay(
        [&](std::uint64_t offset, std::uint64_t length) { return volume->read(offset, length); });
  });
}

}  // namespace vmtool::ops
