#include "storage/pending_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "util/error.hpp"
#include "util/random.hpp"
#include "util/text.hpp"

namespace vmtool::storage {
namespace {

util::Error taken(const std::filesystem::path& target) {
  return {util::Errc::conflict, fmt::format("'{}' exists already", target.native())};
}

// Fixed length, so that the longest possible name still has room for its own temporary one.
std::filesystem::path name_beside(const std::filesystem::path& target) {
  std::array<unsigned char, 8> bytes{};
  util::fill_random(bytes);
  return target.parent_path() / (".vmtool-" + util::to_hex(bytes) + ".part");
}

}  // namespace

PendingFile::PendingFile(std::filesystem::path target) : target_(std::move(target)), path_(name_beside(target_)) {
  struct stat status {};
  if (::lstat(target_.c_str(), &status) == 0) throw taken(target_);
  file_ = util::Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_) throw util::SysError(errno, fmt::format("making '{}'", target_.native()));
}

PendingFile::~PendingFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void PendingFile::commit() {
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0) {
    // Some network file systems know no flags; a link refuses a taken name as well.
    if (errno != EINVAL || ::link(path_.c_str(), target_.c_str()) != 0) {
      if (errno == EEXIST) throw taken(target_);
      throw util::SysError(errno, fmt::format("giving '{}' its name", target_.native()));
    }
    ::unlink(path_.c_str());
  }
  path_.clear();
}

}  // namespace vmtool::storage
