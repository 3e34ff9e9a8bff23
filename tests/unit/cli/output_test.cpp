#include "cli/output.hpp"

#include <gtest/gtest.h>

#include "tests/unit/cli/program.hpp"

namespace vmtool::cli {
namespace {

TEST(Yaml, LeavesPlainWordsBare) {
  EXPECT_EQ(to_yaml({{"name", "db01"}, {"path", "/var/lib/a_b-c.qcow2"}, {"cpus", 2}, {"on", nullptr}}),
            "name: db01\npath: /var/lib/a_b-c.qcow2\ncpus: 2\n\"on\": null\n");
}

TEST(Yaml, QuotesWhatAReaderCouldTakeForSomethingElse) {
  for (const char* word : {"",
                           "true",
                           "False",
                           "NULL",
                           "yes",
                           "No",
                           "on",
                           "OFF",
                           "y",
                           "N",
                           "12",
                           "1e3",
                           "0x10",
                           "~",
                           "-",
                           "- a",
                           "a: b",
                           "a #b",
                           "*a",
                           "&a",
                           "!a",
                           "[a]",
                           "{a}",
                           "@a",
                           "`a",
                           "%a",
                           " a",
                           "a ",
                           "52:54:00:12:34:56",
                           "192.168.122.1",
                           ".inf",
                           "2026-11-23",
                           "a,b",
                           "'a'"}) {
    EXPECT_EQ(to_yaml({{"k", word}}), "k: \"" + std::string(word) + "\"\n");
  }
  EXPECT_EQ(to_yaml({{"k", "a\nb\t\"c\" \\"}}), "k: \"a\\nb\\t\\\"c\\\" \\\\\"\n");
}

TEST(Yaml, IndentsListsAndRecords) {
  const Json guests{{"guests",
                     {{{"name", "a"}, {"addresses", {"10.0.0.1"}}, {"labels", Json::object()}},
                      {{"name", "b"}, {"addresses", Json::array()}}}}};
  EXPECT_EQ(to_yaml(guests),
            "guests:\n"
            "  - name: a\n"
            "    addresses:\n"
            "      - \"10.0.0.1\"\n"
            "    labels: {}\n"
            "  - name: b\n"
            "    addresses: []\n");
}

TEST(Yaml, ReplacesBytesThatAreNoText) { EXPECT_EQ(to_yaml({{"k", "a\xff"}}), "k: \"a\xef\xbf\xbd\"\n"); }

TEST(Table, AlignsByColumnsAndMarksWhatIsEmpty) {
  const Listing listing{"things",
                        {field("NAME", "name"), field("ON", "on"), field("WORDS", "words")},
                        {Json{{"name", "größe"}, {"on", true}, {"words", {"a", "b"}}},
                         Json{{"name", "x"}, {"on", false}, {"words", nullptr}}}};
  testing::internal::CaptureStdout();
  print(listing, OutputFormat::table);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "NAME   ON   WORDS\n"
            "größe  yes  a,b\n"
            "x      no   -\n");
}

// libvirt's own test driver has one machine and one network.
TEST(Formats, OfAList) {
  const auto list = [](const char* format) {
    return tests::vmtool({"--connect", "test:///default", "net", "list", "-o", format}).out;
  };
  EXPECT_EQ(list("table"),
            "NAME     STATE   AUTOSTART  FORWARD  BRIDGE  SUBNETS\n"
            "default  active  no         nat      virbr0  192.168.122.1/24\n");
  EXPECT_EQ(list("name"), "default\n");
  const Json root = Json::parse(list("json"));
  ASSERT_EQ(root.at("networks").size(), 1u);
  EXPECT_EQ(root["networks"][0].at("subnets"), Json({"192.168.122.1/24"}));
  EXPECT_EQ(list("yaml"), to_yaml(root));
}

TEST(Formats, OfARecord) {
  EXPECT_EQ(tests::vmtool({"version", "-o", "name"}).out, "vmtool\n");
  const Json record = Json::parse(tests::vmtool({"-o", "json", "version"}).out);
  EXPECT_EQ(tests::vmtool({"version"}).out, "vmtool " + record.at("version").get<std::string>() + "\n");
}

}  // namespace
}  // namespace vmtool::cli
