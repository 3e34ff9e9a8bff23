// Layers that want more than their directory.
#include <gmock/gmock.h>

#include "tests/support/require.hpp"
#include "tests/unit/images/unpacking.hpp"

namespace vmtool::images {
namespace {

using testing::HasSubstr;
using tests::TarText;

using HostileLayer = Unpacking;

TEST_F(HostileLayer, ParentDirectories) {
  EXPECT_THAT(refusal(TarText().file("../outside", "bad").text()), HasSubstr("leads out of its directory"));
  EXPECT_THAT(refusal(TarText().file("a/../../outside", "bad").text()), HasSubstr("leads out of its directory"));
}

TEST_F(HostileLayer, AbsoluteNamesStartAtTheRootOfTheLayer) {
  VMTOOL_NEEDS("root");
  EXPECT_EQ(refusal(TarText().file(outside(), "inside").text()), "none");
  EXPECT_EQ(content(outside().relative_path()), "inside");
}

TEST_F(HostileLayer, SymlinkThenFileThroughIt) {
  VMTOOL_NEEDS("root");
  EXPECT_THAT(refusal(TarText().symlink("a", "..").file("a/outside", "bad").text()),
              HasSubstr("passes a symbolic link"));
  EXPECT_THAT(refusal(TarText().symlink("b", outside().parent_path()).file("b/outside", "bad").text()),
              HasSubstr("passes a symbolic link"));
  EXPECT_THAT(refusal(TarText().symlink("c/d", "../..").file("c/d/new/outside", "bad").text()),
              HasSubstr("passes a symbolic link"));
}

TEST_F(HostileLayer, FileInPlaceOfASymlinkDoesNotFollowIt) {
  VMTOOL_NEEDS("root");
  EXPECT_EQ(refusal(TarText().symlink("a", outside()).file("a", "inside").text()), "none");
  EXPECT_EQ(content("a"), "inside");
}

TEST_F(HostileLayer, HardlinkToOutside) {
  VMTOOL_NEEDS("root");
  EXPECT_THAT(refusal(TarText().hardlink("a", "../outside").text()), HasSubstr("leads out of its directory"));
  EXPECT_THAT(refusal(TarText().hardlink("a", outside()).text()), HasSubstr("no file of the archive"));
  EXPECT_THAT(refusal(TarText().symlink("s", "..").hardlink("a", "s/outside").text()),
              HasSubstr("no file of the archive"));
}

TEST_F(HostileLayer, HardlinkToASymlinkThenWriteThroughIt) {
  VMTOOL_NEEDS("root");
  EXPECT_EQ(refusal(TarText().symlink("s", outside()).hardlink("a", "s").file("a", "inside").text()), "none");
  EXPECT_EQ(content("a"), "inside");
}

TEST_F(HostileLayer, WhiteoutsOfTheParentDirectory) {
  VMTOOL_NEEDS("root");
  for (const char* name : {".wh...", "a/.wh...", ".wh..", ".wh."})
    EXPECT_THAT(refusal(TarText().file(name).text()), HasSubstr("whiteout of no file")) << name;
  EXPECT_THAT(refusal(TarText().symlink("s", "..").file("s/.wh.outside").text()), HasSubstr("passes a symbolic link"));
  EXPECT_THAT(refusal(TarText().symlink("s", "..").file("s/.wh..wh..opq").text()), HasSubstr("passes a symbolic link"));
}

TEST_F(HostileLayer, DevicesThatPoseAsWhiteouts) {
  VMTOOL_NEEDS("root");
  EXPECT_EQ(unpack_text(TarText().add('3', "etc", "", {}).text()).omissions.devices, 1U);
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(tree() / "etc")));
}

TEST_F(HostileLayer, NamesOf4096Bytes) {
  VMTOOL_NEEDS("root");
  std::string deep;
  while (deep.size() < 15 * 256) deep += std::string(255, 'a') + "/";
  const std::string longest = deep + std::string(255, 'b');
  ASSERT_EQ(longest.size(), 4095U);
  EXPECT_THAT(refusal(TarText().file(deep + "b/" + std::string(254, 'b'), "x").text()),
              HasSubstr("longer than 4095 bytes"));
  EXPECT_EQ(refusal(TarText().file(longest, "x").text()), "none") << "one less can be";
  EXPECT_EQ(util::read_all(util::open_dir(tree()).open(longest, O_RDONLY).get(), 10), "x");
}

TEST_F(HostileLayer, DirectoriesDeeperThanDescriptorsReach) {
  VMTOOL_NEEDS("root");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "a/";
  EXPECT_EQ(refusal(TarText().file(deep + "b", "x").file("a/removed-0/c").text()), "none");
  remove_below(util::open_dir(tree()).get(), "a");
  EXPECT_TRUE(std::filesystem::is_empty(tree()));
}

TEST_F(HostileLayer, MillionsOfEntries) {
  VMTOOL_NEEDS("root");
  EXPECT_EQ(UnpackBounds().entries, 1'000'000U);
  TarText tar;
  for (int i = 0; i < 101; ++i) tar.file("same");
  EXPECT_EQ(refusal(tar.text(), {.entries = 101}), "none");
  EXPECT_EQ(refusal(tar.text(), {.entries = 100}), "the archive has more than 100 entries");
  EXPECT_EQ(refusal(tar.text(), {.name_bytes = 400}), "the names in the archive are too long in all");
}

TEST_F(HostileLayer, Bombs) {
  VMTOOL_NEEDS("root");
  const std::string bomb = tests::compressed("gzip", TarText().file("zeros", std::string(4 << 20, '\0')).text());
  EXPECT_LT(bomb.size(), 10'000U);
  EXPECT_EQ(refusal(bomb, {.decoded_bytes = 1 << 20}), "the archive becomes too large when it is unpacked");
  EXPECT_LE(status("zeros").st_size, 1 << 20);
  EXPECT_EQ(decoded_limit(1), std::uint64_t{1} << 30);
  EXPECT_EQ(decoded_limit(std::uint64_t{100} << 20), std::uint64_t{100 * 200} << 20);
  EXPECT_EQ(decoded_limit(UINT64_MAX), std::uint64_t{256} << 30);
}

TEST_F(HostileLayer, OwnersThatTheKernelTakesForNobody) {
  VMTOOL_NEEDS("root");
  for (const char* id : {"4294967295", "4294967296", "18446744073709551615"}) {
    EXPECT_THAT(refusal(TarText().add('0', "a", "x", {.pax = {{"uid", id}}}).text()),
                HasSubstr("owner that no file can have"))
        << id;
  }
}

TEST_F(HostileLayer, DamagedArchives) {
  VMTOOL_NEEDS("root");
  const std::string whole = TarText().file("a", std::string(10'000, 'x')).text();
  const std::string packed = tests::compressed("gzip", whole);
  EXPECT_THAT(refusal(whole.substr(0, 5000)), HasSubstr("damaged"));
  EXPECT_THAT(refusal(packed.substr(0, packed.size() / 2)), HasSubstr("damaged"));
  EXPECT_THAT(refusal("no archive at all, but a text"), HasSubstr("no tar archive"));
  EXPECT_EQ(refusal(""), "none") << "a layer of nothing";
}

}  // namespace
}  // namespace vmtool::images
