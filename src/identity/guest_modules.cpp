#include "identity/guest_modules.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "util/fd.hpp"

namespace vmtool::identity {

std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> entries;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

void load_modules(const std::filesystem::path& directory) {
  for (const std::filesystem::path& file : sorted_entries(directory)) {
    if (!std::filesystem::is_regular_file(file)) continue;
    const util::Fd module(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (module) ::syscall(SYS_finit_module, module.get(), "", 0);
  }
}

}  // namespace vmtool::identity
