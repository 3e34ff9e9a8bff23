#include "ops/container_copy.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "ops/container_state.hpp"
#include "ops/tree_copy.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

// A path in two: the directory, and the last name; none where the path is a directory itself.
struct SplitPath {
  std::string folder;
  std::string name;
};

SplitPath split_path(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// The root as the container has it, its mounts included.
util::Fd open_container_root(const ContainerHome& home, const std::string& name) {
  const ObservedState observed = settle_container(home, name);
  if (observed.state != ContainerState::running || observed.status.pid <= 0) {
    throw Error(Errc::conflict, fmt::format("container '{}' does not run", name))
        .hint(fmt::format("vmtool start {}", name));
  }
  util::Fd root = util::open_file(fmt::format("/proc/{}/root", observed.status.pid), O_PATH | O_DIRECTORY);
  // The number may have passed to another process before it was opened.
  if (look_at_container(home.paths(name)).status.pid != observed.status.pid) {
    throw Error(Errc::conflict, fmt::format("container '{}' ended meanwhile", name)).hint("try again");
  }
  return root;
}

// Every link on the way, and ".." too, stays below the root: openat2(2), RESOLVE_IN_ROOT.
util::Fd find_inside(const util::Fd& root, const std::string& path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return util::Fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

util::Fd open_inside(const util::Fd& root, const std::string& path, std::uint64_t flags) {
  util::Fd found = find_inside(root, path, flags);
  if (!found) throw util::SysError(errno, fmt::format("opening '{}' in the container", util::printable(path)));
  return found;
}

// Where what is called `name` comes to lie: in `path` where that is a directory, else as `path`.
struct Place {
  util::Fd folder;
  std::string name;
};

Place place_outside(const std::string& path, const std::string& name) {
  util::Fd existing(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (existing) return {std::move(existing), name};
  const SplitPath parts = split_path(path);
  return {util::open_file(parts.folder, O_RDONLY | O_DIRECTORY), parts.name};
}

Place place_inside(const util::Fd& root, const std::string& path, const std::string& name) {
  util::Fd existing = find_inside(root, path, O_RDONLY | O_DIRECTORY);
  if (existing) return {std::move(existing), name};
  const SplitPath parts = split_path(path);
  return {open_inside(root, parts.folder, O_RDONLY | O_DIRECTORY), parts.name};
}

std::pair<uid_t, gid_t> inner_root(const bundle::Summary& summary) {
  return {summary.uids.empty() ? ::geteuid() : summary.uids.front().host_id,
          summary.gids.empty() ? ::getegid() : summary.gids.front().host_id};
}

void check_inside(const std::string& path) {
  if (!path.starts_with('/'))
    throw Error(Errc::usage, fmt::format("'{}' is no absolute path in the container", util::printable(path)))
        .hint("write NAME:/PATH");
}

}  // namespace

void copy_out_of_container(const ContainerHome& home, const std::string& name, const std::string& inside,
                           const std::string& outside, util::Reporter& reporter) {
  check_inside(inside);
  const util::Fd root = open_container_root(home, name);
  const SplitPath parts = split_path(inside);
  const bool is_root = parts.name.empty();  // "/"
  const util::Fd folder = open_inside(root, is_root ? "/" : parts.folder, O_RDONLY | O_DIRECTORY);
  if (parts.name == "." || parts.name == "..")
    throw Error(Errc::usage, fmt::format("'{}' has no name of its own", util::printable(inside)));
  const Place place = place_outside(outside, is_root ? name : parts.name);
  copy_tree({folder.get(), is_root ? "." : parts.name}, {place.folder.get(), place.name}, std::nullopt, reporter);
}

void copy_into_container(const ContainerHome& home, const std::string& name, const std::string& outside,
                         const std::string& inside, util::Reporter& reporter) {
  check_inside(inside);
  const SplitPath parts = split_path(std::filesystem::absolute(outside).lexically_normal());
  const util::Fd folder = util::open_file(parts.folder, O_RDONLY | O_DIRECTORY);
  const util::Fd root = open_container_root(home, name);
  const Place place = place_inside(root, inside, parts.name);
  copy_tree({folder.get(), parts.name}, {place.folder.get(), place.name}, inner_root(home.summary(name)), reporter);
}

}  // namespace vmtool::ops
