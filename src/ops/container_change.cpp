#include "ops/container_change.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "identity/identity.hpp"
#include "manifest/document.hpp"
#include "manifest/fields.hpp"
#include "model/check.hpp"
#include "ops/container_define.hpp"
#include "ops/container_source.hpp"
#include "ops/container_state.hpp"
#include "ops/execute.hpp"
#include "ops/state_dir.hpp"
#include "ops/transaction.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/uuid.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;
namespace fs = std::filesystem;

void check_new_name(const ContainerHome& home, const std::string& name) {
  if (const auto fault = model::fault_of_name(name)) throw Error(Errc::usage, *fault);
  if (home.has(name))
    throw Error(Errc::conflict, fmt::format("a container '{}' exists already", name)).hint("choose another name");
}

void check_at_rest(const ContainerHome& home, const std::string& name, const char* what) {
  if (!is_up(settle_container(home, name).state)) return;
  throw Error(Errc::conflict, fmt::format("container '{}' is running, and can't be {}", name, what))
      .hint(fmt::format("vmtool stop {}", name));
}

// On the layers of the old one, and not in its place in a network.
std::string config_on_layers(const ContainerHome& home, const model::Container& container, bundle::Summary summary,
                             const std::string& uuid) {
  summary.uuid = uuid;
  summary.attachments.clear();
  return bundle::write_config(container, facts_of_existing(home, container, summary, manifest::digest_of(container)));
}

// What one container alone can have.
void forget_what_is_unique(model::Container& container) {
  for (model::ContainerInterface& interface : container.interfaces) {
    interface.mac.reset();
    interface.address.reset();
  }
  container.ports.clear();
}

bool has_identity(const fs::path& upper) { return fs::exists(fs::symlink_status(upper / "etc/machine-id")); }

void renew_inside(const fs::path& upper, const std::string& hostname) {
  identity::Request request;
  request.target.directory = upper;
  request.options.hostname = hostname;
  identity::renew(request);
}

}  // namespace

void rename_container(const ContainerHome& home, const std::string& from, const std::string& to,
                      ContainerWiring& wiring, util::Reporter& reporter) {
  const util::Fd held = home.lock(from);
  check_new_name(home, to);
  check_at_rest(home, from, "renamed");
  const bundle::Summary summary = home.summary(from);
  if (summary.is_protected)
    throw Error(Errc::conflict, fmt::format("container '{}' is protected", from))
        .hint("write 'protected: false' in its manifest and define it again");
  model::Container container = home.definition(from);
  const std::string old_manifest = manifest::write_document(container);
  const std::string old_config = home.config_text(from);
  container.name = to;
  container.hostname = summary.hostname;
  const fs::path old_path = home.paths(from).bundle;
  const fs::path new_path = home.paths(to).bundle;
  wiring.unplug(from);
  Transaction transaction(reporter, state_dir(), {"rename", from, ""});
  transaction.step(RenamedContainer{old_path, new_path, summary.uuid}, [&] {
    if (::renameat2(AT_FDCWD, old_path.c_str(), AT_FDCWD, new_path.c_str(), RENAME_NOREPLACE) == 0) return;
    if (errno == EEXIST) throw Error(Errc::conflict, fmt::format("a container '{}' was made meanwhile", to));
    throw util::SysError(errno, fmt::format("renaming '{}'", old_path.native()));
  });
  transaction.step(ReplacedContainer{to, new_path, old_config, old_manifest, ""}, [&] {
    write_bundle_files(new_path, config_on_layers(home, container, summary, summary.uuid),
                       manifest::write_document(container));
  });
  transaction.commit();
  // Its log goes along; where it can't, it is not worth failing.
  std::error_code ignored;
  fs::rename(home.paths(from).run, home.paths(to).run, ignored);
}

Outcome mark_for_autostart(const ContainerHome& home, const std::string& name, bool on, util::Reporter& reporter) {
  model::Manifest manifest;
  model::Container container = home.definition(name);
  if (container.autostart == on) return Outcome::already;
  container.autostart = on;
  const std::string digest = manifest::digest_of(container);
  manifest.documents.push_back({std::move(container), "", 0, {"", digest}});
  execute(Plan{plan_containers(home, manifest).actions}, nullptr, reporter, {});
  return Outcome::done;
}

std::vector<std::string> marked_containers(const ContainerHome& home) {
  std::vector<std::string> out;
  for (const std::string& name : home.names()) {
    if (home.summary(name).autostart) out.push_back(name);
  }
  return out;
}

void clone_container(const ContainerHome& home, const std::string& source, const std::string& name,
                     util::Reporter& reporter) {
  const util::Fd held = home.lock(source);
  check_new_name(home, name);
  check_at_rest(home, source, "cloned");
  model::Container container = home.definition(source);
  container.name = name;
  container.hostname.clear();
  container.is_protected = false;
  forget_what_is_unique(container);
  const std::string uuid = util::to_text(util::random_uuid());
  const std::string config = config_on_layers(home, container, home.summary(source), uuid);
  Transaction transaction(reporter, state_dir(), {"clone", name, ""});
  const fs::path hidden = home.bundles() / (".new-" + uuid);
  transaction.step(MadeContainer{name, home.paths(name).bundle, uuid}, [&] {
    fs::create_directory(hidden);
    fs::permissions(hidden, fs::perms::owner_all);
    make_bundle(hidden, bundle::read_summary(config));
    // Every attribute of every file, whiteouts and opaque directories too; blocks are shared where the filesystem can.
    util::during(fmt::format("copying what '{}' has written", source), [&] {
      util::run_checked({.args = {"cp", "--archive", "--reflink=auto", "--one-file-system", "--no-target-directory",
                                  home.paths(source).upper(), hidden / "upper"},
                         .time_limit = std::chrono::hours(24)});
    });
    // One that never ran gets its identity before its first start.
    if (has_identity(hidden / "upper")) {
      util::during(fmt::format("renewing the identity inside '{}'", name),
                   [&] { renew_inside(hidden / "upper", name); });
    }
    write_bundle_files(hidden, config, manifest::write_document(container));
    if (::renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, home.paths(name).bundle.c_str(), RENAME_NOREPLACE) == 0) return;
    const int failed = errno;
    fs::remove_all(hidden);
    if (failed == EEXIST) throw Error(Errc::conflict, fmt::format("a container '{}' was made meanwhile", name));
    throw util::SysError(failed, fmt::format("making '{}'", home.paths(name).bundle.native()));
  });
  transaction.commit();
}

}  // namespace vmtool::ops
