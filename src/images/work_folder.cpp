#include "images/work_folder.hpp"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::images {

namespace fs = std::filesystem;

WorkFolder::WorkFolder() {
  const char* parent = std::getenv("TMPDIR");
  std::string pattern =
      fmt::format("{}/vmtool-image-XXXXXX", parent != nullptr && *parent == '/' ? parent : "/var/tmp");
  if (::mkdtemp(pattern.data()) == nullptr)
    throw util::SysError(errno, fmt::format("making a folder like '{}'", pattern));
  path_ = pattern;
  fs::permissions(path_, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace vmtool::images
