#include <gmock/gmock.h>

#include <algorithm>

#include "tests/e2e/scene.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

class List : public Scene {
 protected:
  void SetUp() override {
    Scene::SetUp();
    if (!IsSkipped()) define(bare_machine("vt-e2e-a", "cpu: {count: 3}\n") + "---\n" + bare_machine("vt-e2e-b"));
  }
};

TEST_F(List, TableHasALineAGuestUnderItsTitles) {
  const auto result = vmtool({"list"});
  ASSERT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  const auto lines = util::split(result.out, '\n');
  for (const char* title : {"NAME", "KIND", "STATE", "ADDRESS", "CPUS", "MEMORY"})
    EXPECT_THAT(lines.at(0), HasSubstr(title));
  const auto line =
      std::find_if(lines.begin(), lines.end(), [](const auto& text) { return text.starts_with("vt-e2e-a "); });
  ASSERT_NE(line, lines.end()) << result.out;
  EXPECT_THAT(*line, HasSubstr("shut off"));
  EXPECT_THAT(*line, HasSubstr("64.0 MiB"));
}

TEST_F(List, JsonHasEveryFieldOfEveryGuest) {
  const auto guests = json_of({"list"}).at("guests");
  const auto row =
      std::find_if(guests.begin(), guests.end(), [](const auto& guest) { return guest.at("name") == "vt-e2e-a"; });
  ASSERT_NE(row, guests.end());
  EXPECT_EQ(row->at("kind"), "machine");
  EXPECT_EQ(row->at("state"), "shut off");
  EXPECT_EQ(row->at("cpus"), 3);
  EXPECT_EQ(row->at("memoryBytes"), 64 << 20);
  EXPECT_TRUE(row->at("addresses").is_array());
}

TEST_F(List, NamesAreSortedOneALine) {
  auto names = util::split(vmtool({"list", "-o", "name"}).out, '\n');
  ASSERT_EQ(names.back(), "");
  names.pop_back();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_THAT(names, testing::IsSupersetOf({"vt-e2e-a", "vt-e2e-b"}));
}

TEST_F(List, YamlNamesThemToo) { EXPECT_THAT(vmtool({"list", "-o", "yaml"}).out, HasSubstr("name: vt-e2e-b\n")); }

TEST_F(List, ShowTellsOneMachine) {
  const auto shown = json_of({"show", "vt-e2e-a"});
  EXPECT_EQ(shown.at("name"), "vt-e2e-a");
  EXPECT_EQ(shown.at("uuid").get<std::string>() + "\n\n", virsh({"domuuid", "vt-e2e-a"}).out);
  EXPECT_EQ(shown.at("cpus"), 3);
  EXPECT_EQ(vmtool({"show", "vt-e2e-none"}).exit_code, 4);
}

TEST_F(List, AMachineThatIsOffHasNoAddress) {
  const auto result = vmtool({"ip", "vt-e2e-a"});
  EXPECT_EQ(result.exit_code, 5) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("vmtool start vt-e2e-a"));
}

}  // namespace
}  // namespace vmtool::tests
