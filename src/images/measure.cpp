#include "images/measure.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "images/layer_path.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Fd;

[[noreturn]] void fail_measuring(const std::string& path) {
  throw util::SysError(errno, fmt::format("reading '{}'", util::printable(path)));
}

std::vector<std::string> sorted_names(int directory, const std::string& path) {
  const int own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) fail_measuring(path);
  const util::Handle<DIR, ::closedir> stream(::fdopendir(own));
  std::vector<std::string> out;
  for (const dirent* entry = ::readdir(stream.get()); entry != nullptr; entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Names that sort before their values, so that the order in which the filesystem keeps them does not count.
std::string xattrs_of(int file) {
  std::string list(65536, '\0');
  const ssize_t size = ::flistxattr(file, list.data(), list.size());
  if (size <= 0) return "";
  std::vector<std::string> names =
      util::split(std::string_view(list).substr(0, static_cast<std::size_t>(size) - 1), '\0');
  std::sort(names.begin(), names.end());
  std::string out;
  std::string value(65536, '\0');
  for (const std::string& name : names) {
    const ssize_t length = ::fgetxattr(file, name.c_str(), value.data(), value.size());
    if (length >= 0)
      out +=
          fmt::format("{} {} {}\n", name, length, std::string_view(value).substr(0, static_cast<std::size_t>(length)));
  }
  return out;
}

class Walk {
 public:
  explicit Walk(const util::DirFd& root) : root_(root), buffer_(std::size_t{1} << 18) {}

  TreeMeasure run() {
    add("", root_.get());
    pending_.push_back("");
    while (!pending_.empty()) {
      const std::string path = pending_.back();
      pending_.pop_back();
      const Fd directory = root_.open(path, O_RDONLY | O_DIRECTORY);
      for (const std::string& name : sorted_names(directory.get(), path))
        visit(directory.get(), name, path.empty() ? name : path + "/" + name);
    }
    measure_.digest = digest_.finish_hex();
    return measure_;
  }

 private:
  void visit(int directory, const std::string& name, const std::string& path) {
    struct stat status {};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) fail_measuring(path);
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
      const Fd file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
      if (!file) fail_measuring(path);
      add(path, file.get());
      if (S_ISDIR(status.st_mode)) pending_.push_back(path);
      else add_content(file.get(), status.st_size, path);
      return;
    }
    add_header(path, status, "");
    if (!S_ISLNK(status.st_mode)) return;
    std::string target(longest_path + 1, '\0');
    const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
    if (length < 0) fail_measuring(path);
    digest_.update(std::string_view(target).substr(0, static_cast<std::size_t>(length)));
  }

  void add(const std::string& path, int file) {
    struct stat status {};
    if (::fstat(file, &status) != 0) fail_measuring(path);
    add_header(path, status, xattrs_of(file));
  }

  void add_header(const std::string& path, const struct stat& status, const std::string& xattrs) {
    ++measure_.entries;
    // The size of a directory is the filesystem's own affair.
    const auto size = S_ISDIR(status.st_mode) ? 0 : status.st_size;
    digest_.update(fmt::format("{} {}\n{} {} {} {} {} {} {} {}\n{}", path.size(), path, status.st_mode, status.st_uid,
                               status.st_gid, status.st_rdev, size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                               xattrs.size(), xattrs));
  }

  // Holes by their place, not by their zeros: a file of a few bytes may claim to be of many TiB.
  void add_content(int file, off_t size, const std::string& path) {
    for (off_t from = 0; from < size;) {
      const off_t start = ::lseek(file, from, SEEK_DATA);
      if (start < 0 && errno == ENXIO) return;
      const off_t end = start < 0 ? -1 : ::lseek(file, start, SEEK_HOLE);
      if (end < 0) fail_measuring(path);
      digest_.update(fmt::format("{} {}\n", start, end));
      add_part(file, start, end, path);
      from = end;
    }
  }

  void add_part(int file, off_t start, off_t end, const std::string& path) {
    while (start < end) {
      const ssize_t got =
          ::pread(file, buffer_.data(), std::min(buffer_.size(), static_cast<std::size_t>(end - start)), start);
      if (got < 0) fail_measuring(path);
      if (got == 0) return;
      digest_.update({buffer_.data(), static_cast<std::size_t>(got)});
      measure_.bytes += static_cast<std::uint64_t>(got);
      start += got;
    }
  }

  const util::DirFd& root_;
  std::vector<char> buffer_;
  std::vector<std::string> pending_;
  util::Sha256 digest_;
  TreeMeasure measure_;
};

}  // namespace

TreeMeasure measure_tree(const util::DirFd& root) { return Walk(root).run(); }

}  // namespace vmtool::images
