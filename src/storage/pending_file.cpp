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

PendingFile::PendingFile(std::filesystem::path target, Name name) : target_(std::move(target)) {
  struct stat status {};
  if (::lstat(target_.c_str(), &status) == 0) throw taken(target_);
  if (name == Name::none) file_ = util::Fd(::open(target_.parent_path().c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
  if (file_) return;
  path_ = name_beside(target_);
  file_ = util::Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file_) throw util::SysError(errno, fmt::format("making '{}'", target_.native()));
}

PendingFile::~PendingFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

bool PendingFile::link_target() const {
  // A file without a name gets one through /proc (open(2), O_TMPFILE), which asks for no privilege.
  if (path_.empty())
    return ::linkat(AT_FDCWD, fmt::format("/proc/self/fd/{}", file_.get()).c_str(), AT_FDCWD, target_.c_str(),
                    AT_SYMLINK_FOLLOW) == 0;
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) return true;
  // Some network file systems know no flags; a link refuses a taken name as well.
  if (errno != EINVAL || ::link(path_.c_str(), target_.c_str()) != 0) return false;
  ::unlink(path_.c_str());
  return true;
}

void PendingFile::commit() {
  if (!link_target()) {
    if (errno == EEXIST) throw taken(target_);
    throw util::SysError(errno, fmt::format("giving '{}' its name", target_.native()));
  }
  path_.clear();
}

}  // namespace vmtool::storage
