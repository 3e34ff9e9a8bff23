#include "isolation/rooted.hpp"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "isolation/system.hpp"

namespace vmtool::isolation {
namespace {

/// Copies `path` without slashes at its end and returns the offset of its last component; -1 where it has none.
int split_last(const char* path, char (&copy)[PATH_MAX]) noexcept {
  std::size_t length = std::strlen(path);
  while (length > 0 && path[length - 1] == '/') --length;
  if (length == 0 || length >= sizeof copy) return -1;
  std::memcpy(copy, path, length);
  copy[length] = '\0';
  std::size_t start = length;
  while (start > 0 && copy[start - 1] != '/') --start;
  return static_cast<int>(start);
}

}  // namespace

int open_in_root(int root, const char* path, std::uint64_t flags, Links links) noexcept {
  const std::uint64_t resolve =
      RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (links == Links::refuse ? RESOLVE_NO_SYMLINKS : 0);
  // EAGAIN says that the tree changed meanwhile and the kernel can't vouch for the result.
  for (int attempt = 0; attempt < 64; ++attempt) {
    const int found = sys::open_at(root, path, flags, resolve);
    if (found >= 0 || errno != EAGAIN) return found;
  }
  return -1;
}

int make_parent_in_root(int root, const char* path, const char** name) noexcept {
  char copy[PATH_MAX];
  const int start = split_last(path, copy);
  if (start < 0) {
    errno = EINVAL;
    return -1;
  }
  *name = path + start;
  copy[start] = '\0';
  return make_directory_in_root(root, start == 0 ? "/" : copy);
}

int make_directory_in_root(int root, const char* path, Links links) noexcept {
  const int found = open_in_root(root, path, O_PATH | O_DIRECTORY, links);
  if (found >= 0 || errno != ENOENT) return found;
  char copy[PATH_MAX];
  const int start = split_last(path, copy);
  if (start < 0) {
    errno = ENOENT;
    return -1;
  }
  char parent_path[PATH_MAX];
  std::memcpy(parent_path, copy, static_cast<std::size_t>(start));
  parent_path[start] = '\0';
  const int parent = make_directory_in_root(root, start == 0 ? "/" : parent_path, links);
  if (parent < 0) return -1;
  const int made = ::mkdirat(parent, copy + start, 0755);
  const int error = errno;
  ::close(parent);
  if (made != 0 && error != EEXIST) {
    errno = error;
    return -1;
  }
  return open_in_root(root, path, O_PATH | O_DIRECTORY, links);
}

int make_file_in_root(int root, const char* path) noexcept {
  const int found = open_in_root(root, path, O_PATH);
  if (found >= 0 || errno != ENOENT) return found;
  const char* name = nullptr;
  const int parent = make_parent_in_root(root, path, &name);
  if (parent < 0) return -1;
  char last[NAME_MAX + 1];
  std::size_t length = std::strlen(name);
  while (length > 0 && name[length - 1] == '/') --length;
  if (length > NAME_MAX) {
    ::close(parent);
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(last, name, length);
  last[length] = '\0';
  const int made = sys::open_at(parent, last, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, RESOLVE_BENEATH, 0644);
  const int error = errno;
  ::close(parent);
  if (made < 0 && error != EEXIST) {
    errno = error;
    return -1;
  }
  if (made >= 0) ::close(made);
  return open_in_root(root, path, O_PATH);
}

}  // namespace vmtool::isolation
