#include "identity/private_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* directory_prefix = "vmtool-identity-";
// Between its making and its locking a directory looks abandoned.
constexpr std::time_t youngest = 60;

bool is_abandoned(const std::filesystem::path& path) {
  const util::Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!directory || ::fstat(directory.get(), &facts) != 0) return false;
  if (facts.st_uid != ::geteuid() || facts.st_mtime > std::time(nullptr) - youngest) return false;
  return ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

void remove_abandoned_dirs(const std::filesystem::path& place) {
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(place, ignored)) {
    if (entry.path().filename().native().starts_with(directory_prefix) && is_abandoned(entry.path()))
      found.push_back(entry.path());
  }
  for (const auto& path : found) std::filesystem::remove_all(path, ignored);
}

PrivateDir::PrivateDir() {
  std::vector<std::filesystem::path> places;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR")) places.emplace_back(runtime);
  places.emplace_back("/run");
  places.push_back(std::filesystem::temp_directory_path());
  int failure = 0;
  for (const auto& place : places) {
    std::string pattern = (place / (std::string(directory_prefix) + "XXXXXX")).native();
    if (::mkdtemp(pattern.data()) != nullptr) {
      path_ = pattern;
      lock_ = util::open_file(path_, O_RDONLY | O_DIRECTORY);
      ::flock(lock_.get(), LOCK_EX);
      remove_abandoned_dirs(place);
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
