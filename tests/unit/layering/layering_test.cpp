#include "tests/support/layering.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view sample_text =
    "room\tutil\t\tlibmd\n"
    "room\tmodel\tutil\t\n"
    "room\txml\tmodel\tpugixml\n"
    "external\tlibmd\tsha2.h\n"
    "external\tpugixml\tpugixml.hpp\n"
    "external\tlibvirt\tlibvirt/\n";

std::vector<std::string> check_sample(const std::string& room, std::string_view source) {
  return check_includes(read_layering(sample_text), room, "a.cpp", source);
}

TEST(LayeringRule, AllowsOwnRoomTransitiveRoomsAndOwnLibrary) {
  EXPECT_THAT(check_sample("xml",
                           "#include \"xml/domain.hpp\"\n#include \"model/disk.hpp\"\n#include \"util/text.hpp\"\n"
                           "#include <pugixml.hpp>\n#include <vector>\n#include <fmt/core.h>\n"),
              IsEmpty());
}

TEST(LayeringRule, RefusesARoomThatIsNotUsed) {
  EXPECT_THAT(check_sample("model", "\n  #  include   \"xml/domain.hpp\"  // why not\n"),
              ElementsAre("a.cpp:2: room 'model' may not include room 'xml'"));
  EXPECT_THAT(check_sample("util", "#include \"model/disk.hpp\"\n"),
              ElementsAre("a.cpp:1: room 'util' may not include room 'model'"));
}

TEST(LayeringRule, RefusesALibraryOutsideOfItsRoom) {
  EXPECT_THAT(check_sample("model", "#include <pugixml.hpp>\n"),
              ElementsAre("a.cpp:1: library 'pugixml' is not an EXTERNAL of room 'model'"));
  EXPECT_THAT(check_sample("xml", "#include <libvirt/libvirt.h>\n"),
              ElementsAre("a.cpp:1: library 'libvirt' is not an EXTERNAL of room 'xml'"));
  // A room that uses xml does not get its library with it.
  EXPECT_THAT(check_includes(read_layering(std::string(sample_text) + "room\tops\txml\t\n"), "ops", "b.cpp",
                             "#include <pugixml.hpp>\n"),
              ElementsAre("b.cpp:1: library 'pugixml' is not an EXTERNAL of room 'ops'"));
}

TEST(LayeringRule, RefusesWhatGoesAroundTheRooms) {
  EXPECT_EQ(check_sample("model", "#include \"../xml/domain.hpp\"\n").size(), 1u);
  EXPECT_EQ(check_sample("model", "#include \"model/../xml/domain.hpp\"\n").size(), 1u);
  EXPECT_EQ(check_sample("model", "#include \"disk.hpp\"\n").size(), 1u);
  EXPECT_EQ(check_sample("model", "#include \"pugixml.hpp\"\n").size(), 1u);
  EXPECT_EQ(check_sample("model", "#include HEADER\n").size(), 1u);
}

TEST(LayeringRule, FindsCycles) {
  EXPECT_THAT(find_cycles(read_layering(sample_text)), IsEmpty());
  EXPECT_THAT(find_cycles(read_layering("room\ta\tb\t\nroom\tb\tc\t\nroom\tc\ta\t\nroom\td\ta\t\n")),
              ElementsAre("a", "b", "c"));
}

TEST(LayeringRule, RefusesAnUnknownDeclaration) {
  EXPECT_THROW(read_layering("room\tutil\n"), util::Error);
  EXPECT_THROW(read_layering("house\tutil\t\t\n"), util::Error);
}

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run this through ctest");
  return value;
}

TEST(Layering, OfTheTreeIsWhatTheRoomsDeclare) {
  const auto layering = read_layering(util::read_file(from_environment("VMTOOL_BUILD_DIR") / "layering.txt", 1 << 20));
  EXPECT_THAT(find_cycles(layering), IsEmpty());
  ASSERT_EQ(layering.rooms.count("util"), 1u);
  const auto source_root = from_environment("VMTOOL_SOURCE_DIR") / "src";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_root)) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    ++files;
    const auto path = entry.path().lexically_relative(source_root);
    const auto source = util::read_file(entry.path(), 1 << 20);
    // Programs lie beside the rooms: they hold a main() and may use every room, but no library.
    if (path.has_parent_path()) {
      const auto room = path.begin()->native();
      EXPECT_EQ(layering.rooms.count(room), 1u) << path << " lies in no declared room";
      EXPECT_THAT(check_includes(layering, room, "src/" + path.native(), source), IsEmpty());
    } else {
      auto programs = layering;
      for (const auto& [name, room] : layering.rooms) programs.rooms["program"].uses.insert(name);
      EXPECT_THAT(check_includes(programs, "program", "src/" + path.native(), source), IsEmpty());
    }
  }
  EXPECT_GT(files, 20u);
}

}  // namespace
}  // namespace vmtool::tests
