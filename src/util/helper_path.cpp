#include "util/helper_path.hpp"

#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::util {

std::filesystem::path find_helper(const std::string& name, const std::string& room) {
  if (const char* directory = std::getenv("VMTOOL_LIBEXEC_DIR")) return std::filesystem::path(directory) / name;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const auto& candidate : {own / ".." / "libexec" / "vmtool" / name, own / name, own / ".." / room / name}) {
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw Error(Errc::unavailable, fmt::format("the helper program '{}' is not installed", name))
      .hint("install vmtool with 'cmake --install', or name its directory in VMTOOL_LIBEXEC_DIR");
}

}  // namespace vmtool::util
