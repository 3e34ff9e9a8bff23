#include "identity/private_dir.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

#include "util/error.hpp"

namespace vmtool::identity {

PrivateDir::PrivateDir() {
  std::vector<std::filesystem::path> places;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR")) places.emplace_back(runtime);
  places.emplace_back("/run");
  places.push_back(std::filesystem::temp_directory_path());
  int failure = 0;
  for (const auto& place : places) {
    std::string pattern = (place / "vmtool-identity-XXXXXX").native();
    if (::mkdtemp(pattern.data()) != nullptr) {
      path_ = pattern;
      return;
    }
    failure = errno;
  }
  throw util::SysError(failure, "making a private directory");
}

PrivateDir::~PrivateDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vmtool::identity
