#include "ops/container_identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "identity/machine_id.hpp"
#include "ops/container_network.hpp"
#include "ops/container_state.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/random.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;

// What the topmost layer that has a name says of it; no type where none has it.
struct stat topmost(const bundle::Summary& summary, const char* name) {
  struct stat about {};
  for (const std::string& layer : summary.layers) {
    if (::lstat((fs::path(layer) / name).c_str(), &about) == 0) return about;
  }
  return {};
}

uid_t inner_owner(const std::vector<model::IdMapping>& ranges, uid_t own) {
  return ranges.empty() ? own : ranges.front().host_id;
}

void give(const fs::path& path, const bundle::Summary& summary, mode_t mode) {
  const uid_t owner = inner_owner(summary.uids, ::geteuid());
  const gid_t group = inner_owner(summary.gids, ::getegid());
  if (::lchown(path.c_str(), owner, group) != 0 || ::chmod(path.c_str(), mode) != 0)
    throw util::SysError(errno, fmt::format("making '{}'", path.native()));
}

void write_new(const fs::path& path, const std::string& text, const bundle::Summary& summary, mode_t mode) {
  {
    const util::Fd file = util::open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    util::during(fmt::format("writing '{}'", path.native()), [&] { util::write_all(file.get(), text); });
  }
  give(path, summary, mode);
}

}  // namespace

MachineIdentity identity_of_container(const ContainerHome& home, const std::string& name) {
  MachineIdentity found{.name = name, .definition = {}, .guest = {}, .unread = {}, .hint = {}};
  try {
    const bundle::Summary summary = home.summary(name);
    found.definition.push_back({"uuid", summary.uuid, ""});
    for (const bundle::Attachment& one : summary.attachments) found.definition.push_back({"mac", one.mac, one.name});
    identity::Target target;
    target.directory = home.paths(name).upper();
    found.guest = identity::show(target, {});
  } catch (const util::Error& error) {
    found.unread = error.message();
    found.hint = error.hint();
  }
  return found;
}

std::vector<std::string> container_addresses(const ContainerHome& home, const std::string& name) {
  try {
    if (!is_up(look_at_container(home.paths(name)).state)) return {};
    return bundle::addresses_of(home.summary(name));
  } catch (const util::Error&) {
    return {};  // identity_of_container() says why
  }
}

void prepare_identity(const ContainerPaths& paths, const bundle::Summary& summary) {
  const fs::path etc = paths.upper() / "etc";
  struct stat own {};
  // A container that has run owns what is there, and may have put links into the way.
  if (::lstat(etc.c_str(), &own) == 0) return;
  const struct stat below = topmost(summary, "etc");
  if (below.st_mode != 0 && !S_ISDIR(below.st_mode)) return;
  const fs::path staged = paths.bundle / "etc.new";
  fs::remove_all(staged);
  if (::mkdir(staged.c_str(), 0700) != 0) throw util::SysError(errno, fmt::format("making '{}'", staged.native()));
  write_new(staged / "machine-id", identity::random_machine_id(util::fill_random) + "\n", summary, 0444);
  write_new(staged / "hostname", summary.hostname + "\n", summary, 0644);
  write_new(staged / "hosts", hosts_file(summary.hostname, {}), summary, 0644);
  give(staged, summary, below.st_mode != 0 ? below.st_mode & 07777 : 0755);
  // All of it at once: a kill leaves it to the next start.
  if (::rename(staged.c_str(), etc.c_str()) != 0) throw util::SysError(errno, fmt::format("making '{}'", etc.native()));
}

}  // namespace vmtool::ops
