// What a clone refuses: one clear error each, and the source untouched to the byte.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include "tests/integration/ops/clone_scene.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "xml/clone.hpp"

namespace vmtool::tests {
namespace {

using ops::CloneMode;
using testing::HasSubstr;
using util::Errc;

class CloneRefusal : public CloneScene {
 protected:
  // The error of cloning in this mode; nothing may have changed by it.
  util::Error refusal(const ops::CloneOptions& options) {
    const auto before = traces();
    const auto definition = connect().find_domain(clone_source)->xml(virt::Flavor::inactive);
    const util::Error error = error_of(options);
    EXPECT_EQ(traces(), before);
    EXPECT_EQ(connect().find_domain(clone_source)->xml(virt::Flavor::inactive), definition);
    EXPECT_THAT(reporter_.warnings, testing::IsEmpty());
    return error;
  }
  util::Error refusal(CloneMode mode = CloneMode::full) { return refusal(options(mode)); }

  void redefine(const std::string& from, const std::string& to) const {
    const virt::Connection connection = connect();
    std::string xml = connection.find_domain(clone_source)->xml(virt::Flavor::inactive);
    const std::size_t at = xml.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    connection.define_domain(xml.replace(at, from.size(), to));
  }
};

TEST_F(CloneRefusal, OfAMissingSource) {
  ops::CloneOptions missing = options(CloneMode::full);
  missing.source = "vt-clone-srv";
  const util::Error error = refusal(missing);
  EXPECT_EQ(error.kind(), Errc::not_found);
  EXPECT_THAT(error.hint(), HasSubstr("'vt-clone-src'"));
}

TEST_F(CloneRefusal, OfARunningSource) {
  util::run_checked({.args = {"virsh", "-c", "qemu:///system", "net-start", clone_network}});
  util::run_checked({.args = {"virsh", "-c", "qemu:///system", "start", "--paused", clone_source}});
  const util::Error error = refusal();
  EXPECT_EQ(error.kind(), Errc::conflict);
  EXPECT_THAT(error.hint(), HasSubstr("vmtool stop"));
}

TEST_F(CloneRefusal, OfAMissingDisk) {
  std::filesystem::remove(pool_file("vt-clone-src-data.raw"));
  const util::Error error = refusal();
  EXPECT_EQ(error.kind(), Errc::not_found);
  EXPECT_THAT(error.message(), HasSubstr("'vdb'"));
}

TEST_F(CloneRefusal, OfASourceWithoutADisk) {
  connect().define_domain(
      "<domain type='qemu'><name>vt-clone-bare</name><memory unit='MiB'>32</memory><os><type "
      "arch='x86_64'>hvm</type></os></domain>");
  ops::CloneOptions bare = options(CloneMode::full);
  bare.source = "vt-clone-bare";
  const util::Error error = refusal(bare);
  EXPECT_EQ(error.kind(), Errc::not_found);
  EXPECT_THAT(error.message() + error.hint(), testing::AllOf(HasSubstr("no disk"), HasSubstr("--identity none")));
}

TEST_F(CloneRefusal, OfADiskThatIsNoImageOfItsFormat) {
  std::filesystem::resize_file(pool_file("vt-clone-src-root.qcow2"), 0);
  pool_dir_.write("vt-clone-src-root.qcow2", std::string(1 << 20, 'x'));
  for (const CloneMode mode : {CloneMode::full, CloneMode::linked}) {
    const util::Error error = refusal(mode);
    EXPECT_EQ(error.kind(), Errc::invalid_input) << error.message() << error.hint();
    EXPECT_THAT(error.message(), HasSubstr("vt-clone"));
  }
}

TEST_F(CloneRefusal, OfAGuestWithTwoRoots) {
  const auto raw = scratch_.write("two.raw", "");
  std::filesystem::resize_file(raw, 60 * mib);
  partition(raw, "label: gpt\nstart=1MiB, size=24MiB\nstart=30MiB, size=24MiB\n");
  make_ext(raw, guest_, {"-t", "ext4"}, 24, 1 * mib);
  make_ext(raw, guest_, {"-t", "ext4"}, 24, 30 * mib);
  util::run_checked({.args = {"qemu-img", "convert", "-O", "qcow2", raw, pool_file("vt-clone-src-root.qcow2")}});
  for (const CloneMode mode : {CloneMode::full, CloneMode::linked}) {
    const util::Error error = refusal(mode);
    EXPECT_EQ(error.kind(), Errc::conflict) << error.message();
    EXPECT_THAT(error.message(), HasSubstr("several root filesystems"));
  }
}

TEST_F(CloneRefusal, OfAMissingBackingFile) {
  clone(options(CloneMode::linked));
  std::filesystem::rename(pool_file("vt-clone-src-root.qcow2"), pool_file("moved"));
  const util::Error error = refusal(options(CloneMode::full, {"vt-clone-b"}));
  EXPECT_EQ(error.kind(), Errc::not_found);
  EXPECT_THAT(error.message(), HasSubstr("vt-clone-src-root.qcow2"));
}

TEST_F(CloneRefusal, OfABackingFileOutsideOfThePools) {
  const auto secret = scratch_.write("shadow", std::string(1 << 20, 's'));
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", "-b", secret, "-F", "raw",
                              pool_file("vt-clone-src-root.qcow2")}});
  for (const CloneMode mode : {CloneMode::full, CloneMode::linked}) {
    const util::Error error = refusal(mode);
    EXPECT_EQ(error.kind(), Errc::conflict);
    EXPECT_THAT(error.message(), HasSubstr("shadow"));
  }
}

TEST_F(CloneRefusal, OfANameThatIsTakenOrNone) {
  EXPECT_EQ(refusal(options(CloneMode::full, {clone_source})).kind(), Errc::conflict);
  EXPECT_EQ(refusal(options(CloneMode::full, {"a/b"})).kind(), Errc::invalid_input);
  pool_dir_.write("vt-clone-a-vda.qcow2", "mine");
  const util::Error taken = refusal();
  EXPECT_EQ(taken.kind(), Errc::conflict);
  EXPECT_THAT(taken.message(), HasSubstr("vt-clone-a-vda.qcow2"));
  EXPECT_EQ(util::read_file(pool_file("vt-clone-a-vda.qcow2"), 100), "mine");
}

TEST_F(CloneRefusal, OfAnAddressThatIsTaken) {
  ops::CloneOptions taken = options(CloneMode::full);
  for (const char* address : {"10.217.9.10", "10.217.9.1"}) {
    taken.addresses = {{std::nullopt, *model::parse_ip(address)}};
    const util::Error error = refusal(taken);
    EXPECT_EQ(error.kind(), Errc::conflict);
    EXPECT_THAT(error.message(), HasSubstr(address));
  }
  taken.addresses = {{std::nullopt, *model::parse_ip("10.99.0.1")}};
  EXPECT_THAT(refusal(taken).message(), HasSubstr("not in a subnet"));
}

TEST_F(CloneRefusal, OfAMachineIdThatIsNone) {
  for (const char* id : {"xyz", "0123", "ABCDEFABCDEFABCDEFABCDEFABCDEFAB", "00000000000000000000000000000000"}) {
    ops::CloneOptions wrong = options(CloneMode::full);
    wrong.machine_id = id;
    EXPECT_EQ(refusal(wrong).kind(), Errc::invalid_input) << id;
  }
  ops::CloneOptions shared = options(CloneMode::full, {"vt-clone-1", "vt-clone-2"});
  shared.machine_id = "abcdefabcdefabcdefabcdefabcdefab";
  EXPECT_EQ(refusal(shared).kind(), Errc::usage);
}

TEST_F(CloneRefusal, OfAGuestWithoutASystemNamesTheWayOut) {
  std::filesystem::remove(pool_file("vt-clone-src-root.qcow2"));
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", pool_file("vt-clone-src-root.qcow2"), "4M"}});
  for (const CloneMode mode : {CloneMode::full, CloneMode::linked}) {
    ops::CloneOptions offline = options(mode);
    offline.identity_way = ops::IdentityWay::offline;
    const util::Error error = refusal(offline);
    EXPECT_EQ(error.kind(), Errc::not_found);
    EXPECT_THAT(error.hint(), HasSubstr("--identity none"));
  }
}

TEST_F(CloneRefusal, OfAGuestWithAFixedAddress) {
  guest_.write("etc/network/interfaces", "auto eth0\niface eth0 inet static\n  address 192.168.77.5/24\n");
  const auto raw = scratch_.path() / "static.raw";
  make_ext(raw, guest_, {"-t", "ext4"});
  util::run_checked({.args = {"qemu-img", "convert", "-O", "qcow2", raw, pool_file("vt-clone-src-root.qcow2")}});
  const util::Error error = refusal();
  EXPECT_EQ(error.kind(), Errc::conflict);
  EXPECT_THAT(error.message() + error.hint(), testing::AllOf(HasSubstr("192.168.77.5"), HasSubstr("--address")));
  ops::CloneOptions kept = options(CloneMode::full);
  kept.keep = {"address"};
  EXPECT_EQ(clone(kept).size(), 1u);
}

TEST_F(CloneRefusal, OfADiskThatIsNoFile) {
  redefine("<disk type='file' device='disk'>",
           "<disk type='network' device='disk'><source protocol='nbd' name='x'><host "
           "name='localhost'/></source><target dev='vdx' bus='virtio'/></disk><disk type='file' device='disk'>");
  const util::Error error = refusal();
  EXPECT_EQ(error.kind(), Errc::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("'vdx'"));
}

TEST_F(CloneRefusal, OfAReflinkThatTheFileSystemCantMake) {
  const util::Error error = refusal(CloneMode::reflink);
  EXPECT_EQ(error.kind(), Errc::unavailable);
  EXPECT_THAT(error.hint(), HasSubstr("XFS"));
}

// A pool on a small file system of its own, and on a read-only one.
class CloneIntoTrouble : public CloneRefusal {
 protected:
  void SetUp() override {
    CloneRefusal::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(::mount("vt-clone", folder_.path().c_str(), "tmpfs", 0, "size=8m,mode=0755"), 0);
    is_mounted_ = true;
  }
  void TearDown() override {
    CloneRefusal::TearDown();
    util::run({.args = {"virsh", "-c", "qemu:///system", "pool-destroy", "vt-clone-small"}});
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  // The source's data disk lies there.
  void move_data_there(std::size_t mib) const {
    folder_.write("data.raw", std::string(mib << 20, 'd'));
    redefine(pool_file("vt-clone-src-data.raw").native(), (folder_.path() / "data.raw").native());
    util::run_checked({.args = {"virsh", "pool-create-as", "vt-clone-small", "dir", "--target", folder_.path()}});
  }

  TempDir folder_;

 private:
  bool is_mounted_ = false;
};

TEST_F(CloneIntoTrouble, OfAPoolThatIsTooSmall) {
  move_data_there(6);
  const util::Error error = refusal();
  EXPECT_EQ(error.kind(), Errc::io);
  EXPECT_THAT(error.message(), HasSubstr("6.0 MiB"));
}

TEST_F(CloneIntoTrouble, OfAPoolThatFillsUpInTheMiddle) {
  move_data_there(3);
  const auto filler = folder_.path() / "filler";
  std::size_t moments = 0;
  const auto before = traces();
  try {
    clone(options(CloneMode::full), [&](const std::string& moment) {
      ++moments;
      if (moment == "before volume 'vt-clone-a-vdb.raw'") folder_.write("filler", std::string(3 << 20, 'f'));
    });
    ADD_FAILURE() << "3 MiB went into 2";
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), Errc::io);
    EXPECT_THAT(error.message(), HasSubstr("No space left"));
  }
  EXPECT_GT(moments, 2u);
  EXPECT_EQ(traces(), before);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "vt-clone-a-vdb.raw"));
}

TEST_F(CloneIntoTrouble, OfAReadOnlyPool) {
  move_data_there(1);
  ASSERT_EQ(::mount("vt-clone", folder_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=8m,mode=0755"), 0);
  const util::Error error = refusal();
  EXPECT_THAT(error.message(), HasSubstr("ead-only"));
}

}  // namespace
}  // namespace vmtool::tests
