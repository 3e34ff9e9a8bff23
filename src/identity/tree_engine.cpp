#include "identity/tree_engine.hpp"

#include <fmt/format.h>

#include "identity/volume_tree.hpp"
#include "util/error.hpp"
#include "util/random.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t largest_edit = 1 << 20;

std::string key_comment(const Options& options) {
  return "root@" + (options.hostname.empty() ? std::string("localhost") : options.hostname);
}

bool shows(GuestTree& tree, const Edit& edit) {
  const auto entry = tree.look(edit.path);
  if (edit.action == Edit::Action::remove) return !entry;
  if (!entry) return false;
  if (edit.action == Edit::Action::symlink) {
    return entry->attributes.kind == Kind::symlink && tree.read_link(entry->path) == edit.content;
  }
  return entry->attributes.kind == Kind::file && tree.read(entry->path, largest_edit) == edit.content;
}

}  // namespace

Plan plan_for(GuestTree& tree, const Options& options, KeySource& keys, Mode mode) {
  return plan_of(gather(tree, interests_for(options)), options, keys, mode);
}

Plan plan_of(const Facts& facts, const Options& options, KeySource& keys, Mode mode) {
  Fresh fresh{.random = util::fill_random, .host_keys = {}};
  if (is_selected(options, "ssh-host-keys")) {
    const std::vector<KeySpec> specs = needed_host_keys(facts);
    if (!specs.empty()) fresh.host_keys = keys.make(specs, key_comment(options));
  }
  return make_plan(facts, options, fresh, mode);
}

void require_applied(GuestTree& tree, const std::vector<Edit>& edits) {
  for (const Edit& edit : edits) {
    if (!shows(tree, edit)) {
      throw Error(Errc::internal, fmt::format("'{}' in the guest reads back wrong", util::printable(edit.path)));
    }
  }
}

Report renew_tree(GuestTree& tree, const Options& options, KeySource& keys, Mode mode) {
  check(options);
  Plan plan = plan_for(tree, options, keys, mode);
  if (mode == Mode::show) return std::move(plan.report);
  for (const Edit& edit : plan.edits) tree.apply(edit);
  require_applied(tree, plan.edits);
  return std::move(plan.report);
}

Report renew_directory(GuestFs& directory, const Options& options, KeySource& keys, Mode mode) {
  VolumeTree tree(directory);
  Report report = renew_tree(tree, options, keys, mode);
  if (mode == Mode::renew) directory.finish();
  return report;
}

}  // namespace vmtool::identity
