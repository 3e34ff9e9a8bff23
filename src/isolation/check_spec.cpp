#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "isolation/idmap.hpp"
#include "isolation/plan.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

[[noreturn]] void refuse(const std::string& message) { throw Error(Errc::invalid_input, message); }

void check_text(const std::string& text, const char* what) {
  if (text.find('\0') != std::string::npos) refuse(fmt::format("{} has a NUL byte", what));
  if (text.size() >= PATH_MAX) refuse(fmt::format("{} is longer than {} bytes", what, PATH_MAX - 1));
}

void check_inside_path(const std::string& path, const char* what) {
  check_text(path, what);
  if (!path.starts_with('/')) refuse(fmt::format("{} '{}' is not absolute", what, util::printable(path)));
  for (const std::string& part : util::split(path, '/')) {
    if (part == "..") refuse(fmt::format("{} '{}' has '..' in it", what, util::printable(path)));
  }
}

void check_layer(const std::string& path, const char* what) {
  check_text(path, what);
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0)
    throw util::SysError(errno, fmt::format("{} '{}'", what, util::printable(path)));
  if (S_ISLNK(about.st_mode)) refuse(fmt::format("{} '{}' is a symlink", what, util::printable(path)));
  if (!S_ISDIR(about.st_mode)) refuse(fmt::format("{} '{}' is no directory", what, util::printable(path)));
}

void check_root(const Root& root) {
  check_text(root.path, "the root's path");
  if (root.path.empty()) refuse("the root filesystem has no path");
  struct stat about {};
  if (::stat(root.path.c_str(), &about) != 0)
    throw util::SysError(errno, fmt::format("the root filesystem '{}'", util::printable(root.path)));
  if (!S_ISDIR(about.st_mode))
    refuse(fmt::format("the root filesystem '{}' is no directory", util::printable(root.path)));
  if (!root.overlay) return;
  if (root.overlay->lower.empty()) refuse("the overlay has no lower layer");
  for (const std::string& layer : root.overlay->lower) check_layer(layer, "the lower layer");
  if (root.overlay->upper.empty() != root.overlay->work.empty())
    refuse("an overlay needs both upper and work directory, or none of them");
  if (root.overlay->upper.empty()) return;
  check_layer(root.overlay->upper, "the upper directory");
  check_layer(root.overlay->work, "the work directory");
}

}  // namespace

void check_process(const Process& process) {
  if (process.args.empty() || process.args.front().empty()) refuse("the process has no command");
  for (const auto& list : {&process.args, &process.env}) {
    for (const std::string& item : *list) {
      if (item.find('\0') != std::string::npos) refuse("an argument or variable of the process has a NUL byte");
    }
  }
  check_text(process.cwd, "the working directory");
  if (!process.cwd.starts_with('/'))
    refuse(fmt::format("the working directory '{}' is not absolute", util::printable(process.cwd)));
  // The kernel reads this id as "leave as it is", which would leave root.
  if (process.user.uid == UINT32_MAX || process.user.gid == UINT32_MAX) refuse("the id 4294967295 is no user or group");
  for (const gid_t group : process.user.groups) {
    if (group == UINT32_MAX) refuse("the id 4294967295 is no user or group");
  }
  for (const Rlimit& limit : process.rlimits) {
    if (limit.soft > limit.hard) refuse("a soft resource limit is above its hard limit");
  }
  if (process.oom_score_adj && (*process.oom_score_adj < -1000 || *process.oom_score_adj > 1000))
    refuse("oom_score_adj is not between -1000 and 1000");
}

namespace {

void check_sysctl(const Spec& spec, const std::string& name) {
  // Only what a namespace of the container's own holds may be written; the rest would change the host.
  struct Prefix {
    const char* text;
    NamespaceKind kind;
  };
  for (const Prefix& prefix : {Prefix{"kernel.shm", NamespaceKind::ipc}, Prefix{"kernel.msg", NamespaceKind::ipc},
                               Prefix{"kernel.sem", NamespaceKind::ipc}, Prefix{"fs.mqueue.", NamespaceKind::ipc},
                               Prefix{"net.", NamespaceKind::network}, Prefix{"kernel.hostname", NamespaceKind::uts},
                               Prefix{"kernel.domainname", NamespaceKind::uts}}) {
    std::string dotted = name;
    if (dotted.find('/') != std::string::npos) std::replace(dotted.begin(), dotted.end(), '/', '.');
    if (!dotted.starts_with(prefix.text)) continue;
    if (dotted.find("..") != std::string::npos && name.find('/') == std::string::npos)
      refuse(fmt::format("'{}' is no kernel parameter", util::printable(name)));
    if (spec.find_namespace(prefix.kind) != nullptr) return;
    refuse(fmt::format("the kernel parameter '{}' would change the host: the container has no {} namespace of its own",
                       name, namespace_file(prefix.kind)));
  }
  refuse(fmt::format("the kernel parameter '{}' is not separate for each container", util::printable(name)));
}

void check_namespaces(const Spec& spec) {
  for (std::size_t i = 0; i < spec.namespaces.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (spec.namespaces[i].kind == spec.namespaces[j].kind)
        refuse(fmt::format("namespace '{}' is listed twice", namespace_file(spec.namespaces[i].kind)));
    }
  }
  if (spec.find_namespace(NamespaceKind::mount) == nullptr) refuse("a container needs a mount namespace");
  if (spec.makes(NamespaceKind::user)) {
    check_id_map(spec.uid_map, "uid");
    check_id_map(spec.gid_map, "gid");
    if (!to_host_id(spec.uid_map, 0)) refuse("the uid map has no id 0, which sets the container up");
    if (!to_host_id(spec.uid_map, spec.process.user.uid))
      refuse(fmt::format("user {} is not in the uid map", spec.process.user.uid));
    if (!to_host_id(spec.gid_map, spec.process.user.gid))
      refuse(fmt::format("group {} is not in the gid map", spec.process.user.gid));
  }
  if (!spec.hostname.empty() && spec.find_namespace(NamespaceKind::uts) == nullptr)
    refuse("a hostname needs a uts namespace");
  if (spec.hostname.size() > 64) refuse("the hostname is longer than 64 bytes");
  if (!spec.interfaces.empty() && !spec.makes(NamespaceKind::network))
    refuse("network interfaces need a new network namespace");
}

void check_interface_name(const std::string& name) {
  if (!name.empty() && name.size() <= 15 && name.find_first_of("/ :") == std::string::npos && name != "." &&
      name != "..")
    return;
  refuse(fmt::format("'{}' is no interface name", util::printable(name)));
}

}  // namespace

void check_spec(const Spec& spec) {
  check_namespaces(spec);
  check_root(spec.root);
  check_process(spec.process);
  for (const Mount& mount : spec.mounts) check_inside_path(mount.destination, "the mount point");
  for (const std::string& path : spec.masked_paths) check_inside_path(path, "the masked path");
  for (const std::string& path : spec.read_only_paths) check_inside_path(path, "the read-only path");
  for (const Device& device : spec.devices) check_inside_path(device.path, "the device");
  for (const auto& item : spec.sysctl) check_sysctl(spec, item.first);
  for (const Interface& item : spec.interfaces) {
    check_interface_name(item.name);
    if (!item.bridge.empty()) check_interface_name(item.bridge);
    if (!item.host_name.empty()) check_interface_name(item.host_name);
  }
}

}  // namespace vmtool::isolation
