#include "ops/container_define.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "manifest/fields.hpp"
#include "ops/changes.hpp"
#include "ops/container_facts.hpp"
#include "ops/container_source.hpp"
#include "ops/container_state.hpp"
#include "ops/engine.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/undo.hpp"
#include "util/uuid.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
namespace fs = std::filesystem;

constexpr mode_t private_mode = 0700;

bool is_live_change(const std::string& path) {
  return path.starts_with("resources.") || path.starts_with("labels") || path == "autostart" || path == "protected";
}

void refuse_change(const model::Container& container, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const bool below = change.path.starts_with("rootfs.") && change.path != "rootfs.readonly";
    if (!below && !change.path.starts_with("userMappings")) continue;
    throw Error(Errc::conflict, fmt::format("'{}' of container '{}' can't change: what it has written lies on top",
                                            change.path, container.name))
        .hint(fmt::format("delete it and define it anew, or give the new one another name: vmtool delete {}",
                          container.name));
  }
}

Action create_action(const ContainerHome& home, const model::Container& container, const std::string& digest) {
  Action action{Verb::create, "Container", container.name, {}, {}, {}};
  const std::string uuid = util::to_text(util::random_uuid());
  DefineContainer step;
  step.container = container.name;
  step.uuid = uuid;
  step.config = bundle::write_config(container, facts_of_new(home, container, uuid, digest));
  step.manifest = manifest::write_document(container);
  step.archive = container.rootfs.archive.value_or("");
  action.steps.emplace_back(std::move(step));
  return action;
}

Action change_action(const ContainerHome& home, const model::Container& container, const std::string& digest) {
  Action action{Verb::unchanged, "Container", container.name, {}, {}, {}};
  const model::Container now = home.definition(container.name);
  const bundle::Summary summary = home.summary(container.name);
  action.changes = changes_between(now, container);
  if (action.changes.empty()) return action;
  refuse_change(container, action.changes);
  const bool runs = is_up(look_at_container(home.paths(container.name)).state);
  DefineContainer step;
  step.container = container.name;
  step.uuid = summary.uuid;
  const bundle::ConfigFacts facts = facts_of_existing(home, container, summary, digest);
  step.config = bundle::write_config(container, facts);
  step.manifest = manifest::write_document(container);
  step.old_config = home.config_text(container.name);
  step.old_manifest = manifest::write_document(now);
  bool limits_change = false;
  for (Change& change : action.changes) {
    if (is_live_change(change.path)) change.effect = Effect::live;
    limits_change = limits_change || change.path.starts_with("resources.");
  }
  if (runs && limits_change) {
    step.limits = bundle::write_resources(container.resources, now.resources, facts.devices);
    step.old_limits = bundle::write_resources(now.resources, container.resources, device_numbers(now.resources));
  }
  action.verb = Verb::update;
  action.steps.emplace_back(std::move(step));
  return action;
}

void make_directory(const fs::path& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0) throw util::SysError(errno, fmt::format("making '{}'", path.native()));
}

// Whole at once: neither a reader nor a kill sees half of it.
void write_plainly(const fs::path& path, const std::string& text) {
  const util::Fd file = util::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  util::during(fmt::format("writing '{}'", path.native()), [&] { util::write_all(file.get(), text); });
}

void make_new(const ContainerHome& home, const DefineContainer& step, util::Reporter& reporter) {
  std::error_code failed;
  fs::create_directories(home.bundles(), failed);
  if (failed) throw util::SysError(failed.value(), fmt::format("making '{}'", home.bundles().native()));
  fs::permissions(home.bundles(), fs::perms::owner_all, failed);
  const fs::path hidden = home.bundles() / (".new-" + step.uuid);
  const std::string config =
      step.archive.empty() ? step.config
                           : bundle::with_layers(step.config, add_archive(step.archive, step.container, reporter));
  const bundle::Summary summary = bundle::read_summary(config);
  util::Undo undo(nullptr);
  if (!step.archive.empty()) undo.add("forget the archive", [&] { forget_archive(summary.image); });
  make_directory(hidden, private_mode);
  undo.add("remove it", [&] { fs::remove_all(hidden); });
  // While it is locked, nobody takes it for one that was left behind.
  const util::Fd held = util::open_file(hidden, O_RDONLY | O_DIRECTORY);
  if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0)
    throw util::SysError(errno, fmt::format("locking '{}'", hidden.native()));
  const auto held_layers = hold_layers(summary.layers);
  make_bundle(hidden, summary);
  write_plainly(hidden / "manifest.yaml", step.manifest);
  write_plainly(hidden / "config.json", config);
  if (::renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, home.paths(step.container).bundle.c_str(), RENAME_NOREPLACE) !=
      0) {
    if (errno == EEXIST)
      throw Error(Errc::conflict, fmt::format("a container '{}' was made meanwhile", step.container));
    throw util::SysError(errno, fmt::format("making '{}'", home.paths(step.container).bundle.native()));
  }
  undo.commit();
}

void replace(const ContainerHome& home, const DefineContainer& step) {
  const util::Fd held = home.lock(step.container);
  if (home.config_text(step.container) != step.old_config) {
    throw Error(Errc::conflict, fmt::format("container '{}' was changed meanwhile", step.container))
        .hint("define it again");
  }
  write_bundle_files(home.paths(step.container).bundle, step.config, step.manifest);
  if (step.limits.empty() || !is_up(settle_container(home, step.container).state)) return;
  util::during(fmt::format("changing the limits of container '{}'", step.container), [&] {
    run_engine_checked(home, {"update", "--resources", "-", step.container}, step.limits);
  });
}

}  // namespace

bool has_containers(const model::Manifest& manifest) {
  return std::any_of(manifest.documents.begin(), manifest.documents.end(), [](const model::Document& document) {
    return std::holds_alternative<model::Container>(document.object);
  });
}

bool has_others(const model::Manifest& manifest) {
  return std::any_of(manifest.documents.begin(), manifest.documents.end(), [](const model::Document& document) {
    return !std::holds_alternative<model::Container>(document.object);
  });
}

ContainerPlan plan_containers(const ContainerHome& home, const model::Manifest& manifest) {
  ContainerPlan plan;
  for (const model::Document& document : manifest.documents) {
    const auto* container = std::get_if<model::Container>(&document.object);
    if (container == nullptr) continue;
    const std::string& digest = document.provenance.digest;
    plan.actions.push_back(home.has(container->name) ? change_action(home, *container, digest)
                                                     : create_action(home, *container, digest));
  }
  return plan;
}

void check_no_machine_is_named(const virt::Connection& connection, const std::string& container) {
  if (!connection.find_domain(container)) return;
  throw Error(Errc::conflict, fmt::format("a machine '{}' exists, and a container can't have its name", container))
      .hint("choose another name");
}

void check_no_machine_is_named(const virt::Connection& connection, const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind == "Container" && action.verb == Verb::create) check_no_machine_is_named(connection, action.name);
  }
}

void check_no_container_is_named(const ContainerHome& home, const std::string& machine) {
  if (!home.has(machine)) return;
  throw Error(Errc::conflict, fmt::format("a container '{}' exists, and a machine can't have its name", machine))
      .hint("choose another name");
}

void write_bundle_files(const fs::path& bundle, const std::string& config, const std::string& manifest) {
  util::write_file_atomic(bundle / "manifest.yaml", manifest, 0600);
  util::write_file_atomic(bundle / "config.json", config, 0600);
}

void make_bundle(const fs::path& path, const bundle::Summary& summary) {
  for (const char* name : {"rootfs", "upper", "work"}) make_directory(path / name, private_mode);
  // The root of an overlay is as its uppermost directory is (overlayfs.rst).
  struct stat below {};
  mode_t mode = 0755;
  uid_t owner = ::geteuid();
  gid_t group = ::getegid();
  if (!summary.layers.empty() && ::stat(summary.layers.front().c_str(), &below) == 0) mode = below.st_mode & 07777;
  if (!summary.uids.empty()) owner = summary.uids.front().host_id;
  if (!summary.gids.empty()) group = summary.gids.front().host_id;
  if (::chown((path / "upper").c_str(), owner, group) != 0)
    throw util::SysError(errno, fmt::format("changing the owner of '{}'", (path / "upper").native()));
  if (::chmod((path / "upper").c_str(), mode) != 0)
    throw util::SysError(errno, fmt::format("changing the mode of '{}'", (path / "upper").native()));
}

void define_container(const ContainerHome& home, const DefineContainer& step, util::Reporter& reporter) {
  if (step.old_config.empty()) make_new(home, step, reporter);
  else replace(home, step);
}

}  // namespace vmtool::ops
