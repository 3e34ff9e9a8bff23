#include "cli/error_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vmtool::cli {
namespace {

using nlohmann::json;
using util::Errc;
using util::Error;

Error sample() {
  Error error(Errc::conflict, "network 'lab' is used by running machines: db01");
  error.add_step("stopping network 'lab'");
  error.add_step("working on Network 'lab'");
  error.hint("stop them first");
  return error;
}

TEST(ErrorText, HasTheMessageTheStepsAndTheHint) {
  EXPECT_EQ(error_text(sample(), OutputFormat::table),
            "vmtool: error: network 'lab' is used by running machines: db01\n"
            "  while stopping network 'lab'\n"
            "  while working on Network 'lab'\n"
            "  hint: stop them first\n");
  EXPECT_EQ(error_text(Error(Errc::io, "disk full"), OutputFormat::yaml), "vmtool: error: disk full\n");
}

TEST(ErrorText, LeavesComplaintsThatNameTheirPlaceAsTheyAre) {
  EXPECT_EQ(error_text(Error(Errc::invalid_input, "a.yaml:3:1: error: unknown key 'memori'\n  memori: 3\n  ^"),
                       OutputFormat::table),
            "a.yaml:3:1: error: unknown key 'memori'\n  memori: 3\n  ^\n");
}

TEST(ErrorText, IsOneRecordInJson) {
  const json record = json::parse(error_text(sample(), OutputFormat::json));
  EXPECT_EQ(record,
            json::parse(R"({"error": {"kind": "conflict", "message": "network 'lab' is used by running machines: db01",
    "steps": ["stopping network 'lab'", "working on Network 'lab'"], "hint": "stop them first"}})"));
}

TEST(ErrorText, KeepsEveryFieldInJson) {
  const json record = json::parse(error_text(Error(Errc::io, "bad \xff"), OutputFormat::json));
  EXPECT_EQ(record.at("error").at("steps"), json::array());
  EXPECT_TRUE(record.at("error").at("hint").is_null());
  EXPECT_EQ(record["error"]["message"], "bad \xef\xbf\xbd");
}

}  // namespace
}  // namespace vmtool::cli
