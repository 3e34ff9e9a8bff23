// What a layer becomes as a lower directory of an overlay.
#include <gmock/gmock.h>

#include <sys/sysmacros.h>

#include "tests/support/require.hpp"
#include "tests/unit/images/unpacking.hpp"
#include "util/digest.hpp"

namespace vmtool::images {
namespace {

using testing::HasSubstr;
using tests::TarText;

using LayerTreeTest = Unpacking;

TEST_F(LayerTreeTest, HasFilesWithOwnersModesAndTimes) {
  VMTOOL_NEEDS("root");
  TarText tar;
  tar.add('5', "./", "", {.mode = 0751})
      .add('5', "etc", "", {.mode = 0750, .time = 100})
      .add('0', "etc/x", "content", {.mode = 04711, .uid = 1000, .gid = 70000, .time = 200});
  tar.add('2', "link", "", {.target = "/nowhere", .uid = 7})
      .add('6', "pipe", "", {.mode = 0600})
      .add('3', "null", "", {.mode = 0666, .major = 1, .minor = 3});
  EXPECT_EQ(unpack_text(tar.text()).entries, 6U);
  EXPECT_EQ(status("").st_mode & 07777, 0751U);
  EXPECT_EQ(status("etc").st_mode & 07777, 0750U);
  EXPECT_EQ(status("etc").st_mtime, 100) << "although a file was made in it afterwards";
  const struct stat file = status("etc/x");
  EXPECT_EQ(file.st_mode, S_IFREG | 04711U);
  EXPECT_EQ(file.st_uid, 1000U);
  EXPECT_EQ(file.st_gid, 70000U);
  EXPECT_EQ(file.st_mtime, 200);
  EXPECT_EQ(content("etc/x"), "content");
  EXPECT_EQ(std::filesystem::read_symlink(tree() / "link"), "/nowhere");
  EXPECT_EQ(status("link").st_uid, 7U);
  EXPECT_TRUE(S_ISFIFO(status("pipe").st_mode));
  EXPECT_EQ(status("null").st_rdev, makedev(1, 3));
}

TEST_F(LayerTreeTest, GivesTheDigestOfTheTarArchiveInside) {
  VMTOOL_NEEDS("root");
  const std::string plain = TarText().file("a", std::string(100'000, 'x')).text();
  for (const std::string& archive :
       {plain, tests::compressed("gzip", plain), tests::compressed("zstd", plain), tests::compressed("xz", plain)}) {
    EXPECT_EQ(unpack_text(archive).diff_id, util::sha256_hex(plain));
    EXPECT_EQ(content("a").size(), 100'000U);
  }
}

TEST_F(LayerTreeTest, MakesWhiteoutsAndOpaqueDirectories) {
  VMTOOL_NEEDS("root");
  TarText tar;
  tar.directory("etc")
      .file("etc/.wh.gone")
      .directory("var")
      .file("var/kept", "x")
      .file("var/.wh..wh..opq")
      .file(".wh..wh.plnk");
  unpack_text(tar.text());
  EXPECT_TRUE(is_whiteout("etc/gone"));
  EXPECT_FALSE(is_opaque("etc"));
  EXPECT_TRUE(is_opaque("var"));
  EXPECT_EQ(content("var/kept"), "x") << "the mark is about the layers below, whenever it comes";
  EXPECT_FALSE(std::filesystem::exists(tree() / ".wh..wh.plnk"));
}

TEST_F(LayerTreeTest, KeepsWhatTheLayerItselfHasBesideItsWhiteout) {
  VMTOOL_NEEDS("root");
  TarText tar;
  tar.file("f", "new").file(".wh.f").directory("d").file("d/x", "new").file(".wh.d");
  tar.file(".wh.late").file("late", "new").file(".wh.e").directory("e").file(".wh.deep").file("deep/x", "new");
  unpack_text(tar.text());
  EXPECT_EQ(content("f"), "new");
  EXPECT_EQ(content("d/x"), "new");
  EXPECT_TRUE(is_opaque("d")) << "a directory in place of the one below";
  EXPECT_EQ(content("late"), "new");
  EXPECT_TRUE(is_opaque("e"));
  EXPECT_EQ(content("deep/x"), "new");
  EXPECT_TRUE(is_opaque("deep"));
}

TEST_F(LayerTreeTest, LinksFiles) {
  VMTOOL_NEEDS("root");
  unpack_text(TarText()
                  .file("a/file", "x")
                  .hardlink("b", "a/file")
                  .hardlink("c", "/a/file")
                  .symlink("s", "a")
                  .hardlink("t", "s")
                  .text());
  EXPECT_EQ(status("a/file").st_nlink, 3U);
  EXPECT_EQ(status("b").st_ino, status("c").st_ino);
  EXPECT_EQ(std::filesystem::read_symlink(tree() / "t"), "a");
}

TEST_F(LayerTreeTest, LetsLaterEntriesReplaceEarlierOnes) {
  VMTOOL_NEEDS("root");
  TarText tar;
  tar.directory("d")
      .file("d/x/y")
      .file("d", "a file now")
      .file("f", "1")
      .directory("f")
      .file("f/x", "2")
      .symlink("f/x", "nowhere")
      .directory("f", 0700);
  tar.file("p/q/r").symlink("p", "nowhere").directory("p").file("p/q/r", "again");
  unpack_text(tar.text());
  EXPECT_EQ(content("d"), "a file now");
  EXPECT_EQ(status("f").st_mode, S_IFDIR | 0700U);
  EXPECT_TRUE(S_ISLNK(status("f/x").st_mode));
  EXPECT_EQ(content("p/q/r"), "again");
}

TEST_F(LayerTreeTest, KeepsCapabilitiesAndDropsMarksOfOverlays) {
  VMTOOL_NEEDS("root");
  const std::string capability("\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  TarText tar;
  tar.add('0', "ping", "x",
          {.mode = 0755,
           .uid = 5,
           .pax = {{"SCHILY.xattr.security.capability", capability},
                   {"SCHILY.xattr.user.note", "hello"},
                   {"SCHILY.xattr.user.overlay.opaque", "y"}}});
  tar.add('5', "d", "",
          {.mode = 0755,
           .pax = {{"SCHILY.xattr.trusted.overlay.opaque", "y"},
                   {"SCHILY.xattr.trusted.overlay.redirect", "/etc"},
                   {"SCHILY.xattr.security.selinux", "z"}}});
  const UnpackResult result = unpack_text(tar.text());
  EXPECT_EQ(xattr("ping", "security.capability"), capability);
  EXPECT_EQ(xattr("ping", "user.note"), "hello");
  EXPECT_EQ(xattr("ping", "user.overlay.opaque"), "none");
  EXPECT_FALSE(is_opaque("d"));
  EXPECT_EQ(xattr("d", "trusted.overlay.redirect"), "none");
  EXPECT_EQ(xattr("d", "security.selinux"), "none");
  EXPECT_EQ(result.omissions.xattrs, 4U);
}

TEST_F(LayerTreeTest, KeepsHoles) {
  VMTOOL_NEEDS("root");
  // GNU's sparse format 1.0: a map at the head of the content.
  std::string map = "1\n1048576\n4096\n";
  map.resize(512, '\0');
  TarText tar;
  tar.add('0', "GNUSparseFile.0/big", map + std::string(4096, 'x'),
          {.pax = {{"GNU.sparse.major", "1"},
                   {"GNU.sparse.minor", "0"},
                   {"GNU.sparse.name", "big"},
                   {"GNU.sparse.realsize", "2097152"}}});
  unpack_text(tar.text());
  const struct stat file = status("big");
  EXPECT_EQ(file.st_size, 2097152);
  EXPECT_LT(file.st_blocks * 512, 100'000);
  EXPECT_EQ(util::read_file(tree() / "big", 4 << 20).substr(1048576, 4096), std::string(4096, 'x'));
}

TEST_F(LayerTreeTest, KeepsNamesByteByByte) {
  VMTOOL_NEEDS("root");
  const std::string decomposed = "e\xcc\x81";
  const std::string latin = "\xe9";
  const std::string line = "a\nb";
  TarText tar;
  tar.add('0', "x", "1", {.pax = {{"path", decomposed}}})
      .add('0', "x", "2", {.pax = {{"path", latin}}})
      .file(line, "3");
  unpack_text(tar.text());
  EXPECT_EQ(content(decomposed), "1");
  EXPECT_EQ(content(latin), "2");
  EXPECT_EQ(content(line), "3");
}

TEST_F(LayerTreeTest, ForAUserHasNoDevicesAndSquashedOwners) {
  VMTOOL_NEEDS("root");
  TarText tar;
  tar.add('4', "disk", "", {.major = 254}).add('0', "f", "x", {.uid = 1000});
  const UnpackResult result = unpack_text(
      tar.text(), {}, {.opaque_mark = "user.overlay.opaque", .makes_devices = false, .squashes_owners = true});
  EXPECT_EQ(result.omissions.devices, 1U);
  EXPECT_EQ(result.omissions.owners, 1U);
  EXPECT_FALSE(std::filesystem::exists(tree() / "disk"));
  EXPECT_EQ(status("f").st_uid, 0U);
}

TEST_F(LayerTreeTest, AsMereFilesHasNoMeaningOfNames) {
  VMTOOL_NEEDS("root");
  TarText tar;
  tar.file("a/.wh.b", "x")
      .add('0', "f", "x", {.mode = 06777, .uid = 1000})
      .add('3', "null", "", {.major = 1, .minor = 3});
  unpack_text(tar.text(), {}, {.is_layer = false});
  EXPECT_EQ(content("a/.wh.b"), "x");
  EXPECT_EQ(status("f").st_mode, S_IFREG | 0600U);
  EXPECT_FALSE(std::filesystem::exists(tree() / "null"));
}

}  // namespace
}  // namespace vmtool::images
