#include "util/duration.hpp"

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::util {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ParseDuration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "s", "-1s", "1.5s", "01s", "1 s", "1m30s", "1S", "1w", "3654d", "99999999999999999999s"}) {
    EXPECT_THROW(parse_duration(text), Error) << text;
  }
}

TEST(ParseDuration, ProposesTheUnit) {
  try {
    parse_duration("90");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Errc::invalid_input);
    EXPECT_EQ(error.hint(), "write 90s or 90m");
  }
}

TEST(ToTextDuration, IsReadBackEqual) {
  for (const auto duration : {0ms, 1ms, 1500ms, 60'000ms, 90'000ms, 3'600'000ms, 172'800'000ms}) {
    EXPECT_EQ(parse_duration(to_text(duration)), duration);
  }
  EXPECT_EQ(to_text(90'000ms), "90s");
  EXPECT_EQ(to_text(300'000ms), "5m");
}

}  // namespace
}  // namespace vmtool::util
