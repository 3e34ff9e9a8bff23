#include "ops/container_remove.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "ops/container_lifecycle.hpp"
#include "ops/container_source.hpp"
#include "ops/container_state.hpp"
#include "ops/engine.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/uuid.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
namespace fs = std::filesystem;

// The kernel keeps a directory of its own in the overlay's work directory, without permissions for anybody.
void remove_tree(const fs::path& path) {
  std::error_code failed;
  if (::geteuid() != 0) fs::permissions(path / "work/work", fs::perms::owner_all, failed);
  fs::remove_all(path, failed);
  if (failed) throw util::SysError(failed.value(), fmt::format("removing '{}'", path.native()));
}

bool is_hidden(const std::string& name) { return name.starts_with(".new-") || name.starts_with(".gone-"); }

// A descriptor that holds the lock; none where its maker lives.
util::Fd take_if_left(const fs::path& path) {
  util::Fd held(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (held && ::flock(held.get(), LOCK_EX | LOCK_NB) != 0) held.reset();
  return held;
}

// A throw-away container whose vmtool was killed: its own lock is free, and nothing of it runs.
bool is_left_over(const ContainerHome& home, const std::string& name) {
  try {
    return home.summary(name).remove_at_end && settle_container(home, name).state == ContainerState::exited &&
           take_if_left(home.paths(name).bundle);
  } catch (const Error&) {
    return false;
  }
}

// None where the bundle is damaged.
std::optional<bundle::ImageDefaults> image_of(const ContainerHome& home, const std::string& name) {
  try {
    return home.summary(name).image;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void check_container_deletion(const ContainerHome& home, const std::string& name, Force force) {
  if (!home.has(name)) throw_no_container(home, name);
  try {
    if (home.summary(name).is_protected) {
      throw Error(Errc::conflict, fmt::format("container '{}' is protected", name))
          .hint("write 'protected: false' in its manifest and define it again");
    }
  } catch (const Error& error) {
    // A bundle that is damaged can still be deleted.
    if (error.kind() == Errc::conflict || force == Force::no) throw;
  }
  if (is_up(look_at_container(home.paths(name)).state) && force == Force::no) {
    throw Error(Errc::conflict, fmt::format("container '{}' is running", name))
        .hint(fmt::format("stop it first: vmtool stop {}, or use --force", name));
  }
}

void delete_container(const ContainerHome& home, const std::string& name, ContainerWiring& wiring) {
  util::during(fmt::format("deleting container '{}'", name), [&] {
    const util::Fd held = home.lock(name);
    kill_container(home, name);
    wiring.unplug(name);
    const ContainerPaths paths = home.paths(name);
    const auto image = image_of(home, name);
    fs::remove_all(paths.run);
    remove_bundle(home, paths.bundle);
    forget_archive(image);
  });
}

void remove_bundle(const ContainerHome& home, const fs::path& bundle) {
  const fs::path hidden = home.bundles() / (".gone-" + util::to_text(util::random_uuid()));
  // A lock on it moves along; one of our own tells a sweep that somebody is at work.
  const util::Fd held(::open(bundle.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (held) ::flock(held.get(), LOCK_EX | LOCK_NB);
  if (::rename(bundle.c_str(), hidden.c_str()) != 0) {
    if (errno == ENOENT) return;
    throw util::SysError(errno, fmt::format("removing '{}'", bundle.native()));
  }
  remove_tree(hidden);
}

bool remove_if_over(const ContainerHome& home, const std::string& name, ContainerWiring& wiring) {
  if (!is_left_over(home, name)) return false;
  delete_container(home, name, wiring);
  return true;
}

std::vector<std::string> sweep_containers(const ContainerHome& home, ContainerWiring& wiring, Sweep how) {
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(home.bundles(), failed)) {
    const std::string name = entry.path().filename();
    if (!is_hidden(name)) continue;
    const util::Fd held = take_if_left(entry.path());
    if (!held) continue;
    if (how == Sweep::act) remove_tree(entry.path());
    found.push_back(fmt::format("directory '{}'", entry.path().native()));
  }
  for (const std::string& name : home.names()) {
    if (!is_left_over(home, name)) continue;
    if (how == Sweep::act) delete_container(home, name, wiring);
    found.push_back(fmt::format("container '{}'", name));
  }
  for (const std::string& name : wiring.plugged()) {
    if (home.has(name) && is_up(look_at_container(home.paths(name)).state)) continue;
    if (how == Sweep::act) wiring.unplug(name);
    found.push_back(fmt::format("addresses of container '{}'", name));
  }
  return found;
}

}  // namespace vmtool::ops
