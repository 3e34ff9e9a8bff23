#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/containers.hpp"
#include "cli/output.hpp"
#include "ops/container_remove.hpp"
#include "ops/identity_reset.hpp"
#include "ops/recover.hpp"
#include "ops/state_dir.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

struct RecoverOptions {
  bool dry_run = false;
};

Json record_of(const ops::Recovery& recovery) {
  return {{"operation", recovery.operation},
          {"subject", recovery.subject.empty() ? Json(nullptr) : Json(recovery.subject)},
          {"end", ops::to_text(recovery.end)},
          {"undone", recovery.undone},
          {"problem", recovery.problem.empty() ? Json(nullptr) : Json(recovery.problem)}};
}

// A renewal in place keeps the old content of the disks, which recover brings back.
ops::Recovery recover_renewal(const std::string& name, ops::Recover how) {
  ops::Recovery recovery{
      "identity reset", name, ops::RecoveryEnd::undone, {fmt::format("the changes of the disks of '{}'", name)}, {}};
  try {
    if (how == ops::Recover::act) ops::recover_reset(name);
  } catch (const util::Error& error) {
    recovery.end = ops::RecoveryEnd::failed;
    recovery.undone.clear();
    recovery.problem = error.message();
  }
  return recovery;
}

std::vector<ops::Recovery> recover_all(Session& session, ops::Recover how) {
  const auto connect = [](const std::string& uri) { return virt::Connection::open(uri); };
  std::vector<ops::Recovery> recoveries = ops::recover(ops::state_dir(), connect, how);
  const auto sweep = how == ops::Recover::act ? ops::Sweep::act : ops::Sweep::look;
  Containers containers(session);
  for (const std::string& left : ops::sweep_containers(containers.home, containers.wiring, sweep))
    recoveries.push_back({"container", "", ops::RecoveryEnd::undone, {left}, {}});
  for (const std::string& name : ops::interrupted_resets()) recoveries.push_back(recover_renewal(name, how));
  return recoveries;
}

}  // namespace

void add_recover(Grammar& grammar) {
  Command command = grammar.command("recover", "Finish or undo what a killed run of vmtool left behind");
  const auto options = std::make_shared<RecoverOptions>();
  command.flag("--dry-run", options->dry_run, "Print what would be done and change nothing");
  command.on([options](Session& session) {
    const auto recoveries = recover_all(session, options->dry_run ? ops::Recover::look : ops::Recover::act);
    Listing listing{
        "recoveries",
        {field("OPERATION", "operation"), field("SUBJECT", "subject"), field("END", "end"), field("UNDONE", "undone")},
        {},
        "subject"};
    bool has_failed = false;
    for (const ops::Recovery& recovery : recoveries) {
      has_failed = has_failed || recovery.end == ops::RecoveryEnd::failed;
      listing.rows.push_back(record_of(recovery));
      if (!recovery.problem.empty())
        session.reporter().warn(fmt::format("{} of '{}': {}", recovery.operation, recovery.subject, recovery.problem));
    }
    if (recoveries.empty()) session.say("nothing was left behind");
    if (!recoveries.empty() || session.globals().output != OutputFormat::table)
      print(listing, session.globals().output);
    if (has_failed)
      throw util::Error(util::Errc::conflict, "not everything could be undone")
          .hint("do what the warnings say, then run 'vmtool recover' again");
    return 0;
  });
}

}  // namespace vmtool::cli
