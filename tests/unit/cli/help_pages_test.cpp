#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/cli/program.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

using Words = std::vector<std::string>;

std::string help_of(Words words) {
  words.emplace_back("--help");
  const util::Result result = vmtool(words);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return result.out;
}

// The names below "Subcommands:", a name at the start of each indented line.
Words subcommands_in(const std::string& help) {
  Words names;
  const auto start = help.find("\nSubcommands:\n");
  if (start == std::string::npos) return names;
  std::istringstream lines(help.substr(start + 14));
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 2 && line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

std::vector<Words> commands_below(const Words& above) {
  std::vector<Words> all;
  for (const std::string& name : subcommands_in(help_of(above))) {
    Words words = above;
    words.push_back(name);
    all.push_back(words);
    for (Words& below : commands_below(words)) all.push_back(std::move(below));
  }
  return all;
}

const std::vector<Words>& commands() {
  static const std::vector<Words> all = commands_below({});
  return all;
}

std::filesystem::path pages() {
  return std::filesystem::path(std::getenv("VMTOOL_SOURCE_DIR")) / "docs/reference/commands";
}

std::string page_name(const Words& words) {
  std::string name;
  for (const std::string& word : words) name += (name.empty() ? "" : "-") + word;
  return name + ".md";
}

constexpr std::string_view opening = "## Help\n\n```text\n";
constexpr std::string_view closing = "```\n";
constexpr std::size_t page_limit = std::size_t{1} << 20;

// VMTOOL_ACCEPT=1 writes the program's own words into the pages; read the difference before it is committed.
TEST(HelpPages, ShowWhatTheProgramSays) {
  ASSERT_GE(commands().size(), 30u);
  for (const Words& words : commands()) {
    const std::filesystem::path path = pages() / page_name(words);
    SCOPED_TRACE(path);
    ASSERT_TRUE(std::filesystem::exists(path)) << "a command without a page";
    std::string page = util::read_file(path, page_limit);
    const auto start = page.find(opening);
    ASSERT_NE(start, std::string::npos) << "no block of help in it";
    const auto from = start + opening.size();
    const auto end = page.find(closing, from);
    ASSERT_NE(end, std::string::npos);
    const std::string help = help_of(words);
    if (std::getenv("VMTOOL_ACCEPT") != nullptr) {
      util::write_file_atomic(path, page.replace(from, end - from, help));
      continue;
    }
    EXPECT_EQ(page.substr(from, end - from), help);
  }
}

TEST(HelpPages, BelongToACommandEach) {
  std::set<std::string> expected{"README.md"};
  for (const Words& words : commands()) expected.insert(page_name(words));
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(pages())) found.insert(entry.path().filename());
  EXPECT_EQ(found, expected);
}

TEST(HelpPages, AreAllInTheIndex) {
  const std::string index = util::read_file(pages() / "README.md", page_limit);
  for (const Words& words : commands()) EXPECT_THAT(index, testing::HasSubstr("](" + page_name(words) + ")"));
}

}  // namespace
}  // namespace vmtool::tests
