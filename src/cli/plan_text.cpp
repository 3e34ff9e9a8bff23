#include "cli/plan_text.hpp"

#include <fmt/format.h>

namespace vmtool::cli {
namespace {

std::string verb_text(ops::Verb verb, Tense tense) {
  if (verb == ops::Verb::unchanged) return "unchanged";
  const std::string word = ops::to_text(verb);
  if (tense == Tense::will) return word;
  return word.ends_with('e') ? word + "d" : word + "ed";
}

const char* effect_text(ops::Effect effect) { return effect == ops::Effect::live ? "live" : "at the next start"; }

}  // namespace

std::string to_text(const ops::Plan& plan, Tense tense) {
  std::string out;
  for (const ops::Action& action : plan.actions) {
    out += fmt::format("{:<10}{} {}\n", verb_text(action.verb, tense), action.kind, action.name);
    for (const ops::Change& change : action.changes) {
      out += fmt::format("  {}: {} → {} ({})\n", change.path, change.from.empty() ? "(none)" : change.from,
                         change.to.empty() ? "(none)" : change.to, effect_text(change.effect));
    }
    for (const std::string& note : action.notes) out += fmt::format("  {}\n", note);
  }
  return out;
}

Json to_json(const ops::Plan& plan) {
  Json actions = Json::array();
  for (const ops::Action& action : plan.actions) {
    Json changes = Json::array();
    for (const ops::Change& change : action.changes) {
      changes.push_back({{"path", change.path},
                         {"from", or_null(change.from)},
                         {"to", or_null(change.to)},
                         {"effect", change.effect == ops::Effect::live ? "live" : "next-start"}});
    }
    actions.push_back({{"verb", ops::to_text(action.verb)},
                       {"kind", action.kind},
                       {"name", action.name},
                       {"changes", changes},
                       {"notes", action.notes}});
  }
  return {{"actions", actions}};
}

}  // namespace vmtool::cli
