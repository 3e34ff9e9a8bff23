#include "util/bytes.hpp"

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::util {
namespace {

TEST(ParseBytes, ReadsBothKindsOfUnits) {
  EXPECT_EQ(parse_bytes("2GiB").count, 2ull << 30);
  EXPECT_EQ(parse_bytes("512 MiB").count, 512ull << 20);
  EXPECT_EQ(parse_bytes("2G").count, 2'000'000'000u);
  EXPECT_EQ(parse_bytes("1.5GiB").count, 3ull << 29);
  EXPECT_EQ(parse_bytes("4096B").count, 4096u);
  EXPECT_EQ(parse_bytes("0B").count, 0u);
}

TEST(ParseBytes, RefusesABareNumberWithBothReadings) {
  try {
    parse_bytes("20");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Errc::invalid_input);
    EXPECT_EQ(error.hint(), "write 20GiB or 20MiB");
  }
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (const char* text : {"", "GiB", "-1GiB", "1e3MiB", "010MiB", "1.GiB", "1gib", "1 GiB ", "9EiB", "1.5B", "0x10MiB",
                           "99999999999999999999999999999999GiB", "0.00000000001GiB"}) {
    EXPECT_THROW(parse_bytes(text), Error) << text;
  }
}

TEST(ToTextBytes, IsReadBackEqual) {
  for (const std::uint64_t count : {0ull, 1ull, 1023ull, 1024ull, 3ull << 29, 20ull << 30, (1ull << 63) - 1}) {
    EXPECT_EQ(parse_bytes(to_text(Bytes{count})).count, count);
  }
  EXPECT_EQ(to_text(20_GiB), "20GiB");
}

TEST(ToHuman, RoundsToOneDecimalAndNeverPrints1024) {
  EXPECT_EQ(to_human(Bytes{512}), "512 B");
  EXPECT_EQ(to_human(Bytes{1'500'000'000}), "1.4 GiB");
  EXPECT_EQ(to_human(Bytes{(1ull << 30) - 1}), "1.0 GiB");
}

}  // namespace
}  // namespace vmtool::util
