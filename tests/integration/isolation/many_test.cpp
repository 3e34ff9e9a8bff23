#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::Each;
using testing::IsEmpty;

// One line a mount, as this process sees them.
std::vector<std::string> mounts() { return util::split(util::read_file("/proc/self/mountinfo", 16 << 20), '\n'); }

class Many : public testing::TestWithParam<int> {};

TEST_P(Many, AreStartedCountedExecutedInAndStopped) {
  VMTOOL_NEEDS("cell");
  Bundle bundle;
  bundle.args({"sleep", "600"});
  const auto mounts_before = mounts();
  const auto name = [](int number) { return "many" + std::to_string(number); };
  for (int number = 0; number < GetParam(); ++number)
    ASSERT_EQ(bundle.start(name(number)).exit_code, 0) << bundle.log();

  const auto listed = nlohmann::json::parse(bundle.isolate({"list", "--format", "json"}).out);
  EXPECT_EQ(listed.size(), static_cast<std::size_t>(GetParam()));
  for (const auto& item : listed) EXPECT_EQ(item["status"], "running") << item;

  const std::string last = name(GetParam() - 1);
  EXPECT_EQ(bundle.isolate({"exec", last, "sh", "-c", "ps | grep -c '[s]leep 600'"}).out, "1\n")
      << "each sees its own only";

  if (GetParam() <= 100) {
    for (int number = 0; number < GetParam(); ++number)
      EXPECT_EQ(bundle.isolate({"delete", "--force", name(number)}).exit_code, 0);
  } else {
    std::vector<std::string> all{"delete", "--force", "there-is-none"};
    for (int number = 0; number < GetParam(); ++number) all.push_back(name(number));
    EXPECT_EQ(bundle.isolate(all).exit_code, 0);
  }
  EXPECT_THAT(bundle.leftovers(), IsEmpty());
  // What others had mounted before may be gone meanwhile.
  EXPECT_THAT(mounts(), Each(testing::AnyOfArray(mounts_before)));
  EXPECT_EQ(nlohmann::json::parse(bundle.isolate({"list", "--format", "json"}).out).size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Containers, Many, testing::Values(1, 100, 500), testing::PrintToStringParamName());

}  // namespace
}  // namespace vmtool::tests
