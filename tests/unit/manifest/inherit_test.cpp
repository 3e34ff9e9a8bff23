// Templates and variables.

#include <gmock/gmock.h>

#include "tests/support/temp_dir.hpp"
#include "tests/unit/manifest/support.hpp"

namespace vmtool::manifest {
namespace {

class Inherit : public testing::Test {
 protected:
  Options options() const { return {{}, {dir_.path() / "first", dir_.path() / "second"}}; }
  std::string file(const std::string& name) const { return (dir_.path() / name).native(); }

  tests::TempDir dir_;
};

TEST_F(Inherit, MergesMappingsAndNamedListsAndReplacesTheRest) {
  dir_.write("first/linux.yaml",
             "kind: VirtualMachine\ncpu: {count: 2, mode: maximum}\nmemory: {size: 2GiB}\n"
             "disks: [{name: root, capacity: 20GiB, cache: none}, {name: log, capacity: 1GiB}]\n"
             "graphics: [{port: 5900}]\nxml: [{xpath: ./a, delete: true}]\n");
  const auto map = flat(
      "kind: VirtualMachine\nname: v\nbase: linux\ncpu: {count: 4}\n"
      "disks: [{name: data, capacity: 5GiB}, {name: root, image: debian, capacity: 30GiB}]\n"
      "graphics: [{port: 5950}]\nxml: [{xpath: ./b, delete: true}]\n",
      options());
  EXPECT_EQ(map.at("cpu.count"), "4");
  EXPECT_EQ(map.at("cpu.mode"), "maximum");
  EXPECT_EQ(map.at("disks"), "root, log, data");
  EXPECT_EQ(map.at("disks[root].capacity"), "30GiB");
  EXPECT_EQ(map.at("disks[root].cache"), "none");
  EXPECT_EQ(map.at("disks[root].image"), "debian");
  EXPECT_EQ(map.at("graphics[0].port"), "5950");
  EXPECT_EQ(map.count("graphics[1].port"), 0u);
  EXPECT_EQ(map.at("xml[0].xpath"), "./b");
}

TEST_F(Inherit, TakesTheFirstFolderAndFollowsChains) {
  dir_.write("first/a.yaml", "base: b\ncpu: {count: 3}\n");
  dir_.write("second/a.yaml", "cpu: {count: 9}\n");
  dir_.write("second/b.yaml", "kind: VirtualMachine\nmemory: {size: 3GiB}\n");
  const auto map = flat("name: v\nbase: a\n", options());
  EXPECT_EQ(map.at("cpu.count"), "3");
  EXPECT_EQ(map.at("memory.size"), "3GiB");
}

TEST_F(Inherit, PointsToTheTemplateForWhatIsWrongThere) {
  dir_.write("first/bad.yaml", "kind: VirtualMachine\nmemory: {size: 4}\ncpu: {coun: 1}\n");
  const auto result = read_text("name: v\nbase: bad\n---\nname: w\nbase: bad\n", options());
  ASSERT_EQ(result.diagnostics.size(), 2u);
  EXPECT_EQ(result.diagnostics[0].file, file("first/bad.yaml"));
  EXPECT_EQ(faults_of(result)[0], "2:16: '4' is not a size: it has no unit (write 4GiB or 4MiB)");
  EXPECT_EQ(faults_of(result)[1], "3:7: unknown key 'coun' (did you mean 'count'?)");
}

TEST_F(Inherit, RefusesCyclesAndNamesThatArePaths) {
  dir_.write("first/a.yaml", "base: b\n");
  dir_.write("first/b.yaml", "base: a\n");
  EXPECT_EQ(faults_of(read_text("name: v\nbase: a\n", options())),
            std::vector<std::string>{"1:7: template 'a' inherits from itself: a → b → a"});
  for (const char* name : {"../a", "/etc/passwd", "..", "a/b"}) {
    const auto faults =
        faults_of(read_text(std::string("kind: VirtualMachine\nname: v\nbase: ") + name + "\n", options()));
    ASSERT_EQ(faults.size(), 1u) << name;
    EXPECT_THAT(faults[0], testing::StartsWith("3:7: ")) << name;
    EXPECT_THAT(faults[0], testing::HasSubstr("is not the name of a template")) << name;
  }
}

TEST_F(Inherit, SaysWhereAMissingTemplateWasSearched) {
  dir_.write("second/linux.yaml", "kind: VirtualMachine\n");
  EXPECT_EQ(faults_of(read_text("name: v\nbase: linus\n", options())),
            std::vector<std::string>{"2:7: there is no template 'linus' (did you mean 'linux'? searched in " +
                                     file("first") + ", " + file("second") + ")"});
}

TEST_F(Inherit, ATemplateIsOneMapping) {
  dir_.write("first/two.yaml", "cpu: {}\n---\ncpu: {}\n");
  dir_.write("first/text.yaml", "hello\n");
  std::filesystem::create_directories(dir_.path() / "first/folder.yaml");
  EXPECT_EQ(faults_of(read_text("name: v\nbase: two\n", options())),
            std::vector<std::string>{"0:0: a template is one document, a mapping"});
  EXPECT_EQ(faults_of(read_text("name: v\nbase: text\n", options())),
            std::vector<std::string>{"0:0: a template is one document, a mapping"});
  EXPECT_THAT(faults_of(read_text("name: v\nbase: folder\n", options())).at(0),
              testing::HasSubstr("is not a regular file"));
}

TEST_F(Inherit, TheInstalledTemplatesAreGood) {
  const std::filesystem::path source = std::getenv("VMTOOL_SOURCE_DIR");
  const Options installed{{}, {source / "templates"}};
  for (const char* name : {"linux", "linux-efi", "server"}) {
    const auto map = flat(std::string("kind: VirtualMachine\nname: v\nbase: ") + name + "\n", installed);
    EXPECT_EQ(map.at("interfaces[lan].network"), "default") << name;
  }
}

Options with(std::map<std::string, std::string> variables) { return {std::move(variables), {}}; }

TEST(Variables, FillTextsOnceAndNeverBecomeStructure) {
  const auto map = flat(
      "kind: VirtualMachine\nname: \"a-${N}-${N}\"\nlabels: {a: \"${S}\", b: \"$${N} $N $$ ${R}\", \"k\": \"${E}\"}\n",
      with({{"N", "1"}, {"S", "x\", c: y}"}, {"R", "${N}"}, {"E", ""}}));
  EXPECT_EQ(map.at("name"), "a-1-1");
  EXPECT_EQ(map.at("labels.a"), "x\", c: y}");
  EXPECT_EQ(map.at("labels.b"), "${N} $N $$ ${N}");
  EXPECT_EQ(map.at("labels.k"), "");
}

TEST(Variables, AMissingOneIsAFaultWithItsPlace) {
  EXPECT_EQ(faults_of(read_text("kind: Volume\nname: v\ncapacity: ${SIZE}\n")),
            std::vector<std::string>{"3:11: variable 'SIZE' is not set (give it with --set SIZE=VALUE)"});
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: v\nlabels: {a: \"${A-b}\", b: \"${\"}\n")),
            (std::vector<std::string>{"3:13: '${A-b}' is not a variable (a name is letters, digits and '_'; write $${ "
                                      "for the two characters themselves)",
                                      "3:26: '${}' is not a variable (a name is letters, digits and '_'; write $${ for "
                                      "the two characters themselves)"}));
}

TEST(Variables, OneThatNothingUsesIsAFault) {
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: ${NAME}\n", with({{"NAME", "v"}, {"NAMES", "w"}}))),
            std::vector<std::string>{"0:0: no document uses the variable 'NAMES' (did you mean 'NAME'?)"});
}

TEST(Variables, AValueIsCheckedByTheTypeOfItsField) {
  EXPECT_EQ(faults_of(read_text("kind: Volume\nname: v\ncapacity: ${C}\n", with({{"C", "20"}}))),
            std::vector<std::string>{"3:11: '20' is not a size: it has no unit (write 20GiB or 20MiB)"});
  EXPECT_EQ(faults_of(read_text("kind: VirtualMachine\nname: v\nlabels: {a: \"${C}\"}\n", with({{"C", "\xFF"}}))),
            std::vector<std::string>{"3:13: '\\xff' is not UTF-8"});
}

}  // namespace
}  // namespace vmtool::manifest
