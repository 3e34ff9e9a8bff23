#include "cli/plan_text.hpp"

#include <gtest/gtest.h>

namespace vmtool::cli {
namespace {

ops::Action action(ops::Verb verb, const std::string& kind, const std::string& name) {
  ops::Action made;
  made.verb = verb;
  made.kind = kind;
  made.name = name;
  return made;
}

ops::Plan sample_plan() {
  ops::Plan plan;
  plan.actions.push_back(action(ops::Verb::create, "Volume", "data"));
  plan.actions.push_back(action(ops::Verb::adopt, "Network", "default"));
  plan.actions.push_back(action(ops::Verb::update, "VirtualMachine", "db01"));
  plan.actions.back().changes = {{"cpu.count", "1", "2", ops::Effect::next_start},
                                 {"labels.tier", "", "db", ops::Effect::live},
                                 {"cpu.model", "EPYC", "", ops::Effect::next_start}};
  plan.actions.back().notes = {"reserves 192.168.122.210 in network 'default'"};
  plan.actions.push_back(action(ops::Verb::unchanged, "VirtualMachine", "db02"));
  return plan;
}

constexpr const char* details =
    "  cpu.count: 1 → 2 (at the next start)\n"
    "  labels.tier: (none) → db (live)\n"
    "  cpu.model: EPYC → (none) (at the next start)\n"
    "  reserves 192.168.122.210 in network 'default'\n";

TEST(PlanText, SaysWhatWillBeDone) {
  EXPECT_EQ(to_text(sample_plan(), Tense::will),
            std::string("create    Volume data\nadopt     Network default\nupdate    VirtualMachine db01\n") + details +
                "unchanged VirtualMachine db02\n");
}

TEST(PlanText, SaysWhatWasDone) {
  EXPECT_EQ(to_text(sample_plan(), Tense::done),
            std::string("created   Volume data\nadopted   Network default\nupdated   VirtualMachine db01\n") + details +
                "unchanged VirtualMachine db02\n");
}

TEST(PlanText, KeepsEveryFieldInJson) {
  const Json root = to_json(sample_plan());
  ASSERT_EQ(root.at("actions").size(), 4u);
  EXPECT_EQ(root["actions"][0],
            Json::parse(R"({"verb": "create", "kind": "Volume", "name": "data", "changes": [], "notes": []})"));
  EXPECT_EQ(root["actions"][2].at("changes")[1],
            Json::parse(R"({"path": "labels.tier", "from": null, "to": "db", "effect": "live"})"));
  EXPECT_EQ(root["actions"][2]["changes"][2],
            Json::parse(R"({"path": "cpu.model", "from": "EPYC", "to": null, "effect": "next-start"})"));
}

}  // namespace
}  // namespace vmtool::cli
