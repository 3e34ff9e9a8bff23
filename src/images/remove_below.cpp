#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include "images/layer_tree.hpp"
#include "util/error.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

[[noreturn]] void fail_removing(const std::string& name) {
  throw util::SysError(errno, fmt::format("removing '{}'", util::printable(name)));
}

std::vector<std::string> names_in(int directory) {
  const int own = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) throw util::SysError(errno, "listing a directory");
  const util::Handle<DIR, ::closedir> stream(::fdopendir(own));
  std::vector<std::string> out;
  for (const dirent* entry = ::readdir(stream.get()); entry != nullptr; entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") out.push_back(name);
  }
  return out;
}

// Removes all but directories, which move up into `top`: so no tree is too deep, and no path too long.
void flatten(int top, int directory, std::uint64_t& moved) {
  for (const std::string& name : names_in(directory)) {
    if (::unlinkat(directory, name.c_str(), 0) == 0) continue;
    if (errno != EISDIR && errno != EPERM) fail_removing(name);
    if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0) continue;
    if (errno != ENOTEMPTY && errno != EEXIST) fail_removing(name);
    while (::renameat2(directory, name.c_str(), top, fmt::format("removed-{}", moved++).c_str(), RENAME_NOREPLACE) !=
           0) {
      if (errno != EEXIST) fail_removing(name);
    }
  }
}

}  // namespace

void remove_below(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && errno != EPERM) fail_removing(name);
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return;
  if (errno != ENOTEMPTY && errno != EEXIST) fail_removing(name);
  const util::Fd top(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) fail_removing(name);
  std::uint64_t moved = 0;
  for (auto left = names_in(top.get()); !left.empty(); left = names_in(top.get())) {
    for (const std::string& child : left) {
      if (::unlinkat(top.get(), child.c_str(), 0) == 0) continue;
      if (errno != EISDIR && errno != EPERM) fail_removing(child);
      const util::Fd directory(::openat(top.get(), child.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!directory) fail_removing(child);
      flatten(top.get(), directory.get(), moved);
      if (::unlinkat(top.get(), child.c_str(), AT_REMOVEDIR) != 0) fail_removing(child);
    }
  }
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0) fail_removing(name);
}

}  // namespace vmtool::images
