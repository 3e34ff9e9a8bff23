#include "isolation/prepare.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include "isolation/idmap.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;
using util::Fd;
using util::SysError;

const Mount* find_mount(const Spec& spec, const MountStep& step) {
  for (const Mount& mount : spec.mounts) {
    if (mount.destination == step.destination &&
        (mount.source == step.source || spec.bundle + "/" + mount.source == step.source))
      return &mount;
  }
  return nullptr;
}

Fd clone_tree(const MountStep& step) {
  const unsigned recursive = step.options.recursive_bind ? AT_RECURSIVE : 0U;
  Fd tree(::open_tree(AT_FDCWD, step.source.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive));
  if (!tree) throw SysError(errno, fmt::format("can't open '{}'", step.source));
  return tree;
}

void map_ids(const Fd& tree, const MountStep& step, const std::vector<IdMap>& uid_map,
             const std::vector<IdMap>& gid_map) {
  const Fd users = make_user_namespace(uid_map, gid_map);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<decltype(attributes.userns_fd)>(users.get());
  const unsigned flags = AT_EMPTY_PATH | (step.options.recursive_idmap ? unsigned{AT_RECURSIVE} : 0U);
  if (::mount_setattr(tree.get(), "", flags, &attributes, sizeof attributes) != 0) {
    throw SysError(errno, fmt::format("can't map the ids of '{}'", step.source))
        .hint(errno == EINVAL ? "its filesystem has no idmapped mounts; of an overlay, map the layers" : "");
  }
}

}  // namespace

std::vector<Fd> prepare_trees(const Spec& spec, Plan& plan, const PlanContext& context) {
  std::vector<Fd> trees;
  const bool shielded = spec.makes(NamespaceKind::user) && context.privileged;
  for (Step& step : plan.steps) {
    if (auto* const root = std::get_if<RootStep>(&step.action); root != nullptr && shielded) {
      const char* detail = nullptr;
      Fd tree(make_root_tree(root->root, false, &detail));
      if (!tree) {
        SysError error(errno, detail != nullptr ? detail : "can't make the root");
        error.add_step(step.what);
        throw error;
      }
      root->tree = trees.size();
      trees.push_back(std::move(tree));
    }
    auto* const mount = std::get_if<MountStep>(&step.action);
    if (mount == nullptr || mount->type != "bind") continue;
    const Mount* const wanted = find_mount(spec, *mount);
    const bool mapped = wanted != nullptr && (!wanted->uid_map.empty() || mount->options.idmap);
    if (!mapped && !shielded) continue;
    util::during(step.what, [&] {
      Fd tree = clone_tree(*mount);
      if (mapped) {
        const bool own = !wanted->uid_map.empty();
        map_ids(tree, *mount, own ? wanted->uid_map : spec.uid_map, own ? wanted->gid_map : spec.gid_map);
      }
      mount->tree = trees.size();
      trees.push_back(std::move(tree));
    });
  }
  return trees;
}

void require_apparmor(const Process& process) {
  if (process.apparmor_profile.empty() || ::access("/sys/kernel/security/apparmor", F_OK) == 0) return;
  throw Error(Errc::unavailable, fmt::format("the AppArmor profile '{}' can't be used: the kernel has no AppArmor",
                                             process.apparmor_profile));
}

std::vector<int> descriptors(const std::vector<Fd>& owned) {
  std::vector<int> out;
  out.reserve(owned.size());
  for (const Fd& item : owned) out.push_back(item.get());
  return out;
}

}  // namespace vmtool::isolation
