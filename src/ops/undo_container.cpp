// How the steps of containers are taken back.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include "ops/container_define.hpp"
#include "ops/container_remove.hpp"
#include "ops/container_source.hpp"
#include "ops/container_state.hpp"
#include "ops/engine.hpp"
#include "ops/transaction.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;

// Where another one has the name by now, it is not ours.
bool has_uuid(const ContainerHome& home, const std::string& name, const std::string& uuid) {
  return home.has(name) && home.summary(name).uuid == uuid;
}

struct ContainerUndoer {
  ContainerHome home{};

  void operator()(const MadeContainer& made) const {
    remove_bundle(home, fs::path(made.path).parent_path() / (".new-" + made.uuid));
    if (!home.has(made.name)) forget_archive(bundle::ImageDefaults{archive_image(made.name)});
    if (!has_uuid(home, made.name, made.uuid)) return;
    if (is_up(look_at_container(home.paths(made.name)).state)) {
      throw util::Error(util::Errc::conflict, fmt::format("container '{}' was started meanwhile", made.name))
          .hint("stop it first, or keep it");
    }
    const auto image = home.summary(made.name).image;
    remove_bundle(home, made.path);
    forget_archive(image);
  }

  void operator()(const ReplacedContainer& replaced) const {
    if (!home.has(replaced.name)) return;
    const util::Fd held = home.lock(replaced.name);
    write_bundle_files(replaced.path, replaced.config, replaced.manifest);
    if (replaced.limits.empty() || !is_up(look_at_container(home.paths(replaced.name)).state)) return;
    run_engine_checked(home, {"update", "--resources", "-", replaced.name}, replaced.limits);
  }

  void operator()(const RenamedContainer& renamed) const {
    if (!has_uuid(home, fs::path(renamed.to).filename(), renamed.uuid)) return;
    if (::renameat2(AT_FDCWD, renamed.to.c_str(), AT_FDCWD, renamed.from.c_str(), RENAME_NOREPLACE) != 0) {
      throw util::SysError(errno, fmt::format("renaming '{}' back", renamed.to));
    }
  }

  template <class Other>
  void operator()(const Other&) const {
    throw util::Error(util::Errc::internal, "a step of libvirt's can't be undone without a connection");
  }
};

}  // namespace

void undo_locally(const Record& record) { std::visit(ContainerUndoer{}, record); }

}  // namespace vmtool::ops
