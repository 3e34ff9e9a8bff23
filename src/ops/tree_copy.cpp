#include "ops/tree_copy.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

constexpr unsigned most_levels = 512;  // each holds descriptors open
constexpr mode_t permissions_kept = 0777;

class TreeCopy {
 public:
  TreeCopy(const std::optional<std::pair<uid_t, gid_t>>& owner, util::Reporter& reporter)
      : owner_(owner), reporter_(reporter) {}

  void copy(const TreeEnd& from, const TreeEnd& to, unsigned level) {
    struct stat about {};
    if (::fstatat(from.directory, from.name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) fail("reading", from);
    if (level == 0) device_ = about.st_dev;
    if (level > most_levels)
      throw util::Error(util::Errc::invalid_input, fmt::format("the directories are more than {} deep", most_levels));
    if (about.st_dev != device_) return skip(from, "lies on another mount");
    if (S_ISDIR(about.st_mode)) copy_directory(from, to, about.st_mode, level);
    else if (S_ISREG(about.st_mode)) copy_file(from, to);
    else if (S_ISLNK(about.st_mode)) copy_link(from, to);
    else skip(from, "is neither a file, nor a directory, nor a link");
  }

 private:
  [[noreturn]] static void fail(const char* doing, const TreeEnd& end) {
    throw util::SysError(errno, fmt::format("{} '{}'", doing, util::printable(end.name)));
  }

  void skip(const TreeEnd& from, const char* why) {
    reporter_.warn(fmt::format("'{}' {}, and was left out", util::printable(from.name), why));
  }

  static util::Fd open(const TreeEnd& end, int flags, mode_t mode = 0) {
    util::Fd file(::openat(end.directory, end.name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file) fail("opening", end);
    return file;
  }

  void finish(const util::Fd& file, mode_t mode, const TreeEnd& to) const {
    if (owner_ && ::fchown(file.get(), owner_->first, owner_->second) != 0) fail("changing the owner of", to);
    if (::fchmod(file.get(), mode & permissions_kept) != 0) fail("changing the mode of", to);
  }

  void copy_directory(const TreeEnd& from, const TreeEnd& to, mode_t mode, unsigned level) {
    if (::mkdirat(to.directory, to.name.c_str(), 0700) != 0 && errno != EEXIST) fail("making", to);
    const util::Fd target = open(to, O_RDONLY | O_DIRECTORY);
    util::Fd source = open(from, O_RDONLY | O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(source.get()), ::closedir);
    if (!entries) fail("reading", from);
    const int below = source.release();  // closed with the stream
    for (const dirent* entry = ::readdir(entries.get()); entry != nullptr; entry = ::readdir(entries.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") copy({below, name}, {target.get(), name}, level + 1);
    }
    finish(target, mode, to);
  }

  void copy_file(const TreeEnd& from, const TreeEnd& to) {
    const util::Fd source = open(from, O_RDONLY | O_NONBLOCK);
    struct stat about {};
    // It may be another thing by now.
    if (::fstat(source.get(), &about) != 0 || !S_ISREG(about.st_mode)) return skip(from, "changed while it was copied");
    const util::Fd target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0600);
    std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t got = ::read(source.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("reading", from);
      if (got == 0) break;
      for (ssize_t done = 0; done < got;) {
        const ssize_t wrote = ::write(target.get(), buffer.data() + done, static_cast<std::size_t>(got - done));
        if (wrote < 0 && errno != EINTR) fail("writing", to);
        if (wrote > 0) done += wrote;
      }
    }
    finish(target, about.st_mode, to);
  }

  void copy_link(const TreeEnd& from, const TreeEnd& to) {
    std::array<char, PATH_MAX> text{};
    const ssize_t size = ::readlinkat(from.directory, from.name.c_str(), text.data(), text.size() - 1);
    if (size < 0) fail("reading", from);
    struct stat there {};
    const bool replaces =
        ::fstatat(to.directory, to.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(there.st_mode);
    if (replaces && ::unlinkat(to.directory, to.name.c_str(), 0) != 0) fail("replacing", to);
    if (::symlinkat(text.data(), to.directory, to.name.c_str()) != 0) fail("making", to);
    if (owner_ && ::fchownat(to.directory, to.name.c_str(), owner_->first, owner_->second, AT_SYMLINK_NOFOLLOW) != 0)
      fail("changing the owner of", to);
  }

  std::optional<std::pair<uid_t, gid_t>> owner_;
  util::Reporter& reporter_;
  dev_t device_ = 0;
};

}  // namespace

void copy_tree(const TreeEnd& from, const TreeEnd& to, const std::optional<std::pair<uid_t, gid_t>>& owner,
               util::Reporter& reporter) {
  TreeCopy(owner, reporter).copy(from, to, 0);
}

}  // namespace vmtool::ops
