#include "identity/block_device.hpp"

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::identity {

void require_range(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  if (offset > size || length > size - offset) {
    throw util::Error(util::Errc::io,
                      fmt::format("{} bytes at {} lie beyond the end of the disk ({} bytes)", length, offset, size));
  }
}

}  // namespace vmtool::identity
