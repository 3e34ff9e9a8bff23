// Files made to exhaust: each is one fault, without more memory than its own size asks for.

#include <sys/resource.h>

#include "manifest/flow_scan.hpp"
#include "tests/unit/manifest/support.hpp"

namespace vmtool::manifest {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// The most memory the process had so far.
long peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::string only_fault(const std::string& text) {
  const auto faults = faults_of(read_text(text));
  EXPECT_EQ(faults.size(), 1u);
  return faults.empty() ? "" : faults.front();
}

TEST(Bounds, NestingIsRefusedWhateverItsStyle) {
  for (const char* opening : {"[", "{", "- ", "? ", "[\n", "a: ["}) {
    const std::string fault = only_fault(repeated(opening, 10'000));
    EXPECT_NE(fault.find("more than 64 levels of nesting"), std::string::npos) << opening << fault;
  }
  std::string block;
  for (std::size_t i = 0; i < 2'000; ++i) block += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(only_fault(block), "65:65: more than 64 levels of nesting");
}

TEST(Bounds, SixtyFourLevelsAreRead) {
  // The fault that is left is that of the kind, so the text itself was taken.
  EXPECT_EQ(only_fault("name: a\nx: " + repeated("[", 63) + repeated("]", 63)).substr(0, 28),
            "1:1: key 'kind' is missing (");
  EXPECT_EQ(only_fault("name: a\nx: " + repeated("[", 64) + repeated("]", 64)), "2:67: more than 64 levels of nesting");
}

TEST(Bounds, AliasesAreCountedExpanded) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string one = "*a" + std::to_string(i - 1) + ", ";
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(one, 9) +
            one.substr(0, one.size() - 2) + "]\n";
  }
  EXPECT_EQ(only_fault(bomb).substr(4), ": more than 100000 values in one file, aliases expanded (split the file)");
  const std::string text = "a: &a " + std::string(100'000, 'x') + "\nb: [" + repeated("*a, ", 50) + "*a]\n";
  EXPECT_EQ(only_fault(text).substr(0, 63), "2:165: more than 4 MiB of text in one file, aliases expanded (s");
  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 70; ++i)
    deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  EXPECT_NE(only_fault(deep).find("more than 64 levels of nesting"), std::string::npos);
}

TEST(Bounds, NodesOfAllDocumentsOfAFileCount) {
  EXPECT_EQ(only_fault(repeated("---\n" + repeated("- a\n", 1'000), 101)).substr(0, 61),
            "100001:3: more than 100000 values in one file, aliases expand");
}

TEST(Bounds, FlowPunctuationIsCountedOutsideOfBlockText) {
  const std::string many = repeated("[", 300'000);
  EXPECT_EQ(only_fault("a: " + many).substr(0, 50), "1:1: more than 200000 brackets, braces and commas ");
  FlowScan scan;
  for (const char* line : {"a: |", "  [[[", "", "  {,}", "b: [1]", "- - k: >-  # text", "      [[", "    c: [",
                           "d: # |", "  [", "e: [ |", "  ["}) {
    scan.feed(line);
  }
  EXPECT_EQ(scan.count(), 6u);
}

TEST(Bounds, AFileOfAHundredMegabytesIsNotLookedAt) {
  std::vector<Source> sources(1);
  sources[0] = {"huge.yaml", std::string(std::size_t{100} << 20, '-')};
  const long before = peak_mib();
  EXPECT_EQ(faults_of(read(sources, {})),
            std::vector<std::string>{"0:0: the file is larger than 4 MiB (split the file)"});
  EXPECT_LT(peak_mib() - before, 10);
}

TEST(Bounds, ThousandsOfFaultsAreCutShort) {
  std::string text = "kind: VirtualMachine\nname: v\n";
  for (int i = 0; i < 5'000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const auto result = read_text(text);
  ASSERT_EQ(result.diagnostics.size(), 1'001u);
  EXPECT_EQ(result.diagnostics.back().message, "4000 more faults are not shown");
}

TEST(Bounds, NamesAreShownSafelyAndShort) {
  for (const std::string& name :
       {std::string("a/b"), std::string(".."), std::string("\"a\\nb\""), std::string("\"<a>&'\""),
        std::string(300, 'a'), std::string("名前"), std::string("\"\\e[31m\"")}) {
    for (const char* kind : {"VirtualMachine\n", "Network\nforward: {mode: isolated}\n", "Volume\ncapacity: 1GiB\n",
                             "Image\nsource: {file: /a}\n"}) {
      const auto result = read_text(std::string("kind: ") + kind + "name: " + name + "\n");
      ASSERT_EQ(result.diagnostics.size(), 1u) << name;
      EXPECT_LT(result.diagnostics[0].message.size(), 250u);
      EXPECT_EQ(to_text(result.diagnostics[0]).find('\x1b'), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace vmtool::manifest
