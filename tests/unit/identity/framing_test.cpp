// Messages out of pieces, and a talk with an appliance that answers badly.
#include "identity/framing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/appliance_line.hpp"
#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using identity::Json;
using testing::HasSubstr;

TEST(Frames, ComeOutOfAnyPieces) {
  const Json message{{"keys", {1, 2, 3}}, {"comment", "x"}};
  const std::string bytes = identity::framed(message) + identity::framed(Json("two"));
  identity::Unframer unframer;
  std::vector<Json> seen;
  for (const char byte : bytes) {
    unframer.add(std::string(1, byte));
    while (auto next = unframer.next()) seen.push_back(std::move(*next));
  }
  EXPECT_EQ(seen, (std::vector<Json>{message, "two"}));
}

TEST(Frames, OfSizesThatNobodySendsAreRefusedByTheirHeader) {
  identity::Unframer unframer;
  EXPECT_THROW(unframer.add(std::string("\xff\xff\xff\x7f", 4)), util::Error);
}

/// Says what it was given, then silence; it takes ten bytes at a time.
class Fake final : public identity::ApplianceLine {
 public:
  explicit Fake(std::string answer, bool ends = true) : answer_(std::move(answer)), ends_(ends) {}
  std::size_t say(const std::string& bytes) override {
    const std::size_t taken = std::min<std::size_t>(bytes.size(), 10);
    told += bytes.substr(0, taken);
    return taken;
  }
  std::optional<std::string> hear() override {
    if (answer_.empty()) return ends_ ? std::nullopt : std::optional(std::string());
    return std::exchange(answer_, "");
  }
  std::string told;

 private:
  std::string answer_;
  bool ends_;
};

std::string error_of(Fake line, std::chrono::milliseconds limit = std::chrono::minutes(1)) {
  try {
    identity::renew_over(line, {}, {}, limit);
  } catch (const util::Error& error) {
    return error.message();
  }
  return "nothing was thrown";
}

TEST(ApplianceTalk, TellsTheJobAndTakesTheReport) {
  const Json report{{"report",
                     {{"outcomes", Json::array()},
                      {"warnings", Json::array()},
                      {"notHandled", Json::array()},
                      {"hostPublicKeys", Json::array()},
                      {"machineId", "abc"}}}};
  Fake line(identity::framed(report));
  EXPECT_EQ(identity::renew_over(line, {.disks = {{{{"/a", "raw"}}}}}, {}, std::chrono::minutes(1)).machine_id, "abc");
  EXPECT_THAT(line.told, HasSubstr("\"/a\""));
}

TEST(ApplianceTalk, BelievesNothing) {
  EXPECT_THAT(error_of(Fake("")), HasSubstr("ended without an answer"));
  EXPECT_THAT(error_of(Fake(identity::framed(Json::array({1})).substr(0, 5))), HasSubstr("ended without an answer"));
  EXPECT_THAT(error_of(Fake(identity::framed("hello"))), HasSubstr("can't be understood"));
  EXPECT_THAT(error_of(Fake(std::string("\x04\0\0\0nope", 8))), HasSubstr("is not what it should be"));
  EXPECT_THAT(error_of(Fake(identity::framed({{"report", 1}}))), HasSubstr("is not what it should be"));
  EXPECT_THAT(error_of(Fake(identity::framed(
                  {{"error", {{"kind", 4}, {"message", "no root"}, {"steps", Json::array()}, {"hint", ""}}}}))),
              HasSubstr("no root"));
  EXPECT_THAT(error_of(Fake("", false), std::chrono::milliseconds(1)), HasSubstr("has not answered"));
  EXPECT_THAT(error_of(Fake(std::string(64U << 20, '\0'))), HasSubstr("more than it was asked for"));
  std::string greedy;
  for (int i = 0; i < 10; ++i) greedy += identity::framed({{"keys", Json::array()}, {"comment", "x"}});
  EXPECT_THAT(error_of(Fake(greedy)), HasSubstr("again and again"));
}

}  // namespace
}  // namespace vmtool::tests
