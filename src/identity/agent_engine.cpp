#include <algorithm>

#include <fmt/format.h>

#include "identity/agent_script.hpp"
#include "identity/agent_shell.hpp"
#include "identity/key_maker.hpp"
#include "identity/tree_engine.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

bool is_made(const Facts& facts, const Edit& edit) {
  const Fact* fact = facts.find(edit.path);
  if (edit.action == Edit::Action::remove) return fact == nullptr;
  if (fact == nullptr) return false;
  if (edit.action == Edit::Action::symlink) return fact->is_link && fact->target == edit.content;
  return fact->kind == Kind::file && !fact->is_link && fact->has_content && fact->content == edit.content;
}

void require_made(const AgentShell& shell, const std::vector<Edit>& edits) {
  std::vector<Interest> interests;
  for (const Edit& edit : edits) interests.push_back({edit.path});
  const Facts facts = read_scan(shell.run(scan_script(interests)));
  for (const Edit& edit : edits) {
    if (is_made(facts, edit)) continue;
    throw util::Error(util::Errc::io,
                      fmt::format("'{}' in the guest reads back wrong: something there has written to it meanwhile",
                                  util::printable(edit.path)));
  }
}

// A daemon of the guest writes these down again while it runs.
bool comes_back(const Outcome& outcome) {
  const bool is_memory = outcome.item == "random-seed" || outcome.item == "dhcp-leases";
  return is_memory && (outcome.status == Status::renewed || outcome.status == Status::removed);
}

}  // namespace

Report renew_running(const AgentCall& agent, const Options& options) {
  check(options);
  const AgentShell shell(agent);
  KeyMaker keys;
  Plan plan = plan_of(read_scan(shell.run(scan_script(interests_for(options)))), options, keys, Mode::renew);
  if (plan.edits.empty()) return std::move(plan.report);
  std::string script = edit_script(plan.edits);
  // The kernel's own idea of the name. The rest is read at the next start.
  if (!options.hostname.empty() && is_selected(options, "hostname"))
    script += fmt::format("hostname '{}' 2>/dev/null || :\n", options.hostname);
  shell.run(script);
  require_made(shell, plan.edits);
  plan.report.warnings.emplace_back("the guest runs: its services go on with the old values until it is restarted");
  if (std::any_of(plan.report.outcomes.begin(), plan.report.outcomes.end(), comes_back)) {
    plan.report.warnings.emplace_back(
        "leases and seeds are written again by what runs in the guest; with the new machine-id they are its own from "
        "the next start on");
  }
  return std::move(plan.report);
}

}  // namespace vmtool::identity
