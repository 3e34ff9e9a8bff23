#include "images/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "images/helper_client.hpp"
#include "util/error.hpp"

namespace vmtool::images {

TemporaryDirectory::TemporaryDirectory(const StoreFiles& files) {
  std::string pattern = (files.temporary() / "work-XXXXXX").native();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw util::SysError(errno, fmt::format("making a directory like '{}'", pattern));
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  try {
    remove_tree(path_);
  } catch (const std::exception&) {
    // The next removal from the store takes it.
  }
}

}  // namespace vmtool::images
