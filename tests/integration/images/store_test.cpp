#include "images/store.hpp"

#include <gmock/gmock.h>
#include <sys/file.h>

#include <csignal>
#include <thread>

#include "images/helper_client.hpp"
#include "tests/integration/images/store_scene.hpp"
#include "util/command.hpp"

namespace vmtool::images {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::TarText;

namespace fs = std::filesystem;

const auto nobody = [] { return std::vector<LayerUser>(); };

using StoreTest = StoreScene;

TEST_F(StoreTest, IsEmptyWhereItIsNotThere) {
  EXPECT_FALSE(store.find("busybox"));
  EXPECT_THAT(store.list(), IsEmpty());
  EXPECT_FALSE(fs::exists(store.directory())) << "looking makes nothing";
}

TEST_F(StoreTest, GivesLayersTopFirst) {
  VMTOOL_NEEDS("mount");
  const std::string lower = TarText().file("a", "lower").text();
  const std::string upper = TarText().file("a", "upper").text();
  const StoredImage image = add("web", {lower, upper});
  ASSERT_THAT(image.layers, SizeIs(2));
  EXPECT_EQ(util::read_file(image.layers[0] / "a", 100), "upper");
  EXPECT_EQ(util::read_file(image.layers[1] / "a", 100), "lower");
  EXPECT_EQ(image.layers[1], store.directory() / "layers" / util::sha256_hex(lower) / "tree");
  EXPECT_EQ(image.size, 10U);
  EXPECT_EQ(fs::status(store.directory()).permissions(), fs::perms::owner_all)
      << "a layer may hold programs that change their user";
  EXPECT_EQ(unfinished(), 0U);
}

TEST_F(StoreTest, FindsByNameAndDigest) {
  VMTOOL_NEEDS("mount");
  const StoredImage image = add("team/web:2", {TarText().file("a").text()});
  for (const std::string& reference : {std::string("team/web:2"), image.digest, image.digest.substr(0, 15)})
    EXPECT_EQ(store.open_image(reference).digest, image.digest) << reference;
  EXPECT_FALSE(store.find("team/web"));
  EXPECT_EQ(error_of([&] { store.open_image("team/web:3"); }), "not_found: there is no image 'team/web:3'");
  EXPECT_THAT(error_of([&] { store.open_image("../x"); }), HasSubstr("invalid_input"));
}

TEST_F(StoreTest, SharesLayersAndUnpacksThemOnce) {
  VMTOOL_NEEDS("mount");
  const std::string base = TarText().file("base", "x").text();
  const StoredImage first = add("a", {base});
  const auto made = fs::last_write_time(first.layers[0].parent_path() / "measure");
  const StoredImage second = add("b", {base, TarText().file("more").text()});
  EXPECT_EQ(second.layers[1], first.layers[0]);
  EXPECT_EQ(layers(), 2U);
  EXPECT_EQ(fs::last_write_time(first.layers[0].parent_path() / "measure"), made);
}

TEST_F(StoreTest, SeesDamage) {
  VMTOOL_NEEDS("mount");
  const StoredImage image = add("web", {TarText().file("a", "content").file("b", "x").text()});
  EXPECT_THAT(verify("web"), IsEmpty());
  util::write_all(util::open_file(image.layers[0] / "a", O_WRONLY).get(), "changed");
  EXPECT_THAT(verify("web"), ElementsAre(HasSubstr("are not what was unpacked")));
  const auto blob = *fs::directory_iterator(store.directory() / "blobs/sha256");
  util::write_all(util::open_file(blob, O_WRONLY | O_APPEND).get(), "x");
  EXPECT_THAT(verify("web"), testing::Contains(HasSubstr("is damaged")));
}

TEST_F(StoreTest, RemovesWhatOnlyOneImageNeeded) {
  VMTOOL_NEEDS("mount");
  const std::string base = TarText().file("base", "x").text();
  add("a", {base});
  const StoredImage b = add("b", {base, TarText().file("more", "1234").text()});
  const std::size_t before = blobs();
  const Removed removed = store.remove("b", nobody);
  EXPECT_EQ(removed.layers, 1U);
  EXPECT_EQ(removed.blobs, 3U);
  EXPECT_EQ(blobs(), before - 3);
  EXPECT_TRUE(fs::exists(b.layers[1])) << "a stands on it";
  EXPECT_THAT(verify("a"), IsEmpty());
  EXPECT_THAT(error_of([&] { store.remove("b", nobody); }), HasSubstr("not_found"));
}

TEST_F(StoreTest, KeepsWhatContainersStandOn) {
  VMTOOL_NEEDS("mount");
  const StoredImage image = add("web", {TarText().file("a", "1").text()});
  const auto users = [&] { return std::vector<LayerUser>{{"web01", {image.layers[0].native()}}}; };
  EXPECT_EQ(error_of([&] { store.remove("web", users); }), "conflict: image 'web' is what 'web01' stands on");
  add("web", {TarText().file("a", "2").text()});
  EXPECT_EQ(layers(), 2U) << "the name moved to another image, the container did not";
  store.prune(users);
  EXPECT_TRUE(fs::exists(image.layers[0]));
  EXPECT_EQ(store.prune(nobody).layers, 1U);
  EXPECT_FALSE(fs::exists(image.layers[0]));
}

TEST_F(StoreTest, PruneWaitsForWhoUsesIt) {
  VMTOOL_NEEDS("mount");
  add("web", {TarText().file("a", "1").text()});
  std::atomic<bool> pruned = false;
  std::thread other;
  {
    const util::FileLock held = store.hold();
    other = std::thread([&] {
      store.prune(nobody);
      pruned = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(pruned);
  }
  other.join();
  EXPECT_TRUE(pruned);
}

TEST_F(StoreTest, TakesTheSameImageTwiceAtOnce) {
  VMTOOL_NEEDS("mount");
  const auto source = write("root.tar", TarText().file("a", std::string(3 << 20, 'x')).text());
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      import(source, i % 2 == 0 ? "even" : "odd");
      ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 4);
  EXPECT_EQ(layers(), 1U);
  EXPECT_THAT(store.list(), SizeIs(2));
  EXPECT_EQ(unfinished(), 0U);
  EXPECT_THAT(verify("even"), IsEmpty());
}

TEST_F(StoreTest, UsesNothingOfAKilledRun) {
  VMTOOL_NEEDS("mount");
  // A pipe as the archive: the helper waits in the middle of it.
  const auto pipe = path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  store.hold();
  const auto staging = store.directory() / "tmp/layer-1/tree";
  fs::create_directories(staging);
  util::Child helper = util::spawn(
      {.args = {find_image_helper().native(), "unpack-layer", staging.native(), pipe.native()}}, {-1, -1, -1});
  const util::Fd end = util::open_file(pipe, O_WRONLY);
  util::write_all(end.get(), TarText().file("a", "1").text().substr(0, 1024));
  const std::string status_file = "/proc/" + std::to_string(helper.pid()) + "/";
  while (util::read_file(status_file + "status", 1 << 16).find("Seccomp:\t2") == std::string::npos)
    std::this_thread::yield();
  EXPECT_THAT(util::read_file(status_file + "status", 1 << 16), HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(util::read_file(status_file + "mountinfo", 1 << 16), testing::Not(HasSubstr(" /proc ")))
      << "it sees one directory and nothing of the host";
  for (const char* space : {"ns/mnt", "ns/net", "ns/ipc"})
    EXPECT_NE(fs::read_symlink(status_file + space), fs::read_symlink(std::string("/proc/self/") + space));
  helper.stop();
  EXPECT_TRUE(fs::exists(staging));
  EXPECT_THAT(store.list(), IsEmpty());
  EXPECT_EQ(layers(), 0U);
  store.hold();
  EXPECT_EQ(unfinished(), 0U) << "the next one tidies up";
}

}  // namespace
}  // namespace vmtool::images
