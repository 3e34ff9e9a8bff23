#include "util/undo.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace vmtool::util {
namespace {

using Words = std::vector<std::string>;

TEST(Undo, RunsBackwards) {
  Words done;
  {
    Undo undo(nullptr);
    undo.add("first", [&] { done.push_back("first"); });
    undo.add("second", [&] { done.push_back("second"); });
    EXPECT_TRUE(done.empty());
  }
  EXPECT_EQ(done, (Words{"second", "first"}));
}

TEST(Undo, DoesNothingAfterCommit) {
  bool undone = false;
  {
    Undo undo(nullptr);
    undo.add("step", [&] { undone = true; });
    undo.commit();
  }
  EXPECT_FALSE(undone);
}

TEST(Undo, GoesOnAfterAStepThatFailsAndReportsIt) {
  Words told;
  bool first = false;
  {
    Undo undo([&](const std::string& what, const std::string& why) { told.push_back(what + ": " + why); });
    undo.add("remove a", [&] { first = true; });
    undo.add("remove b", [] { throw std::runtime_error("busy"); });
    undo.add("remove c", [] { throw 7; });
  }
  EXPECT_TRUE(first);
  EXPECT_EQ(told, (Words{"remove c: unknown failure", "remove b: busy"}));
}

}  // namespace
}  // namespace vmtool::util
