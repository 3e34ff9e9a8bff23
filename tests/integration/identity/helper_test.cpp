// The whole way through the helper program: chain check, qemu-nbd, locked-down worker, report.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "identity/identity.hpp"
#include "tests/support/guest_image.hpp"
#include "tests/support/require.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using ::testing::HasSubstr;

class Helper : public ::testing::Test {
 protected:
  Helper() {
    const char* build = std::getenv("VMTOOL_BUILD_DIR");
    if (build != nullptr) ::setenv("VMTOOL_LIBEXEC_DIR", (std::filesystem::path(build) / "src/identity").c_str(), 1);
    make_ext(raw_, files_, {"-t", "ext4"});
  }

  // A qcow2 overlay on a qcow2 base, as a linked clone has it.
  identity::Disk linked_disk() const {
    const auto base = directory_.path() / "base.qcow2";
    const auto top = directory_.path() / "top.qcow2";
    util::run_checked({{"qemu-img", "convert", "-O", "qcow2", raw_.native(), base.native()}});
    util::run_checked({{"qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base.native(), top.native()}});
    return {{{top, "qcow2"}, {base, "qcow2"}}};
  }

  static identity::Request request_for(identity::Disk disk) {
    identity::Request request;
    request.target.disks = {std::move(disk)};
    request.options.hostname = "web";
    return request;
  }

  static std::pair<util::Errc, std::string> failure_of(const identity::Request& request) {
    try {
      identity::renew(request);
    } catch (const util::Error& error) {
      return {error.kind(), error.message()};
    }
    return {util::Errc::internal, "nothing was thrown"};
  }

  static std::size_t private_directories() {
    std::size_t count = 0;
    for (const char* place : {"/run", "/tmp"}) {
      for (const auto& entry : std::filesystem::directory_iterator(place)) {
        if (entry.path().filename().native().starts_with("vmtool-identity-")) ++count;
      }
    }
    return count;
  }

  TempDir directory_;
  GuestFiles files_;
  std::filesystem::path raw_ = directory_.path() / "disk.raw";
};

TEST_F(Helper, RenewsALinkedCloneAndLeavesItsBaseAlone) {
  const identity::Disk disk = linked_disk();
  const std::string base = digest(disk.chain[1].path);
  const std::size_t directories = private_directories();
  const identity::Report report = identity::renew(request_for(disk));
  EXPECT_EQ(digest(disk.chain[1].path), base);
  EXPECT_EQ(private_directories(), directories);

  const auto flat = directory_.path() / "flat.raw";
  util::run_checked({{"qemu-img", "convert", "-O", "raw", disk.chain[0].path.native(), flat.native()}});
  EXPECT_EQ(fsck(flat), "");
  EXPECT_EQ(guest_file(flat, "/etc/machine-id"), report.machine_id + "\n");
  EXPECT_EQ(guest_file(flat, "/var/lib/dbus/machine-id"), report.machine_id + "\n");
  ASSERT_EQ(report.host_public_keys.size(), 1U);
  EXPECT_EQ(guest_file(flat, "/etc/ssh/ssh_host_ed25519_key.pub"), report.host_public_keys[0] + "\n");

  // sshd would take the pair: ssh-keygen derives the same public half from the private one.
  const auto key = directory_.path() / "key";
  std::ofstream(key) << guest_file(flat, "/etc/ssh/ssh_host_ed25519_key");
  std::filesystem::permissions(key, std::filesystem::perms(0600));
  EXPECT_EQ(util::run_checked({{"ssh-keygen", "-y", "-f", key.native()}}).out, report.host_public_keys[0] + "\n");
}

TEST_F(Helper, ShowsAnIdentityWithoutWriting) {
  const identity::Disk disk{{{raw_, "raw"}}};
  const std::string before = digest(raw_);
  const identity::Report report = identity::show({.disks = {disk}}, {});
  EXPECT_EQ(report.outcomes.at(0).old_value, old_machine_id);
  EXPECT_EQ(digest(raw_), before);
}

TEST_F(Helper, NeverFollowsAHeaderToAFileThatWasNotDeclared) {
  const auto top = directory_.path() / "evil.qcow2";
  const auto secret = directory_.write("secret", std::string(1 << 20, 'x'));
  util::run_checked(
      {{"qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", secret.native(), top.native(), "64M"}});
  const auto [kind, message] = failure_of(request_for({{{top, "qcow2"}}}));
  EXPECT_EQ(kind, util::Errc::conflict);
  EXPECT_THAT(message, HasSubstr("secret' as its backing file, where 'none' is expected"));
  const auto [kind2, message2] = failure_of(request_for({{{top, "qcow2"}, {raw_, "raw"}}}));
  EXPECT_EQ(kind2, util::Errc::conflict);
  EXPECT_THAT(message2, HasSubstr("disk.raw' is expected"));
}

TEST_F(Helper, RefusesADiskThatIsInUse) {
  const identity::Disk linked = linked_disk();
  for (const auto& disk : {linked, identity::Disk{{{raw_, "raw"}}}}) {
    const auto socket = directory_.path() / "nbd";
    util::Child holder = util::spawn(
        {{"qemu-nbd", "-t", "-f", disk.chain[0].format, "-k", socket.native(), disk.chain[0].path.native()}}, {});
    while (!std::filesystem::exists(socket)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const std::string before = digest(disk.chain[0].path);
    const auto [kind, message] = failure_of(request_for(disk));
    EXPECT_EQ(kind, util::Errc::conflict) << message;
    EXPECT_EQ(digest(disk.chain[0].path), before);
    holder.stop();
    std::filesystem::remove(socket);
  }
}

TEST_F(Helper, SaysWhatIsWrongWithAnImage) {
  EXPECT_EQ(failure_of(request_for({{{"/nowhere/a.qcow2", "qcow2"}}})).first, util::Errc::not_found);
  EXPECT_THAT(failure_of(request_for({{{raw_, "qcow2"}}})).second, HasSubstr("is no qcow2 image"));
  EXPECT_THAT(failure_of(request_for({{{raw_, "vmdk"}}})).second, HasSubstr("are not handled"));
  EXPECT_THAT(failure_of(request_for({{{"disk.raw", "raw"}}})).second, HasSubstr("not absolute"));
  EXPECT_THAT(failure_of(request_for({})).second, HasSubstr("without an image"));
  const auto empty = directory_.path() / "empty.raw";
  directory_.write("empty.raw", std::string(1 << 20, '\0'));
  const auto [kind, message] = failure_of(request_for({{{empty, "raw"}}}));
  EXPECT_EQ(kind, util::Errc::not_found);
  EXPECT_THAT(message, HasSubstr("disk 1 (nothing known)"));
}

// A transaction that waits in the journal: it changes the file that is printed here.
void leave_transaction(const TempDir& directory, const std::filesystem::path& disk, const std::string& path,
                       const std::string& content) {
  const std::string block(util::trim(debugfs(disk, "blocks " + path)));
  const auto data = directory.write("block", content + std::string(4096 - content.size(), '\n'));
  debugfs_write(disk, "jo\njw -b " + block + " " + data.native() + "\njc\n");
}

TEST_F(Helper, ReplaysAJournalBeforeItEdits) {
  make_ext(raw_, files_, {"-t", "ext4", "-b", "4096"}, 32);
  leave_transaction(directory_, raw_, "/etc/mailname", "replayed.example.org");
  ASSERT_THAT(debugfs(raw_, "features"), HasSubstr("needs_recovery"));
  ASSERT_EQ(guest_file(raw_, "/etc/mailname"), "golden.example.org\n");
  const identity::Disk linked = linked_disk();

  const identity::Report report = identity::renew(request_for({{{raw_, "raw"}}}));
  EXPECT_EQ(fsck(raw_), "");
  EXPECT_THAT(guest_file(raw_, "/etc/mailname"), HasSubstr("replayed.example"));
  EXPECT_EQ(guest_file(raw_, "/etc/machine-id"), report.machine_id + "\n");
  EXPECT_THAT(report.warnings, ::testing::Contains(HasSubstr("e2fsck did so first")));

  VMTOOL_NEEDS("fuse");
  VMTOOL_NEEDS("root");
  const std::size_t directories = private_directories();
  const std::string base = digest(linked.chain[1].path);
  const identity::Report second = identity::renew(request_for(linked));
  const auto flat = directory_.path() / "flat.raw";
  util::run_checked({{"qemu-img", "convert", "-O", "raw", linked.chain[0].path.native(), flat.native()}});
  EXPECT_EQ(fsck(flat), "");
  EXPECT_EQ(guest_file(flat, "/etc/machine-id"), second.machine_id + "\n");
  EXPECT_THAT(guest_file(flat, "/etc/mailname"), HasSubstr("replayed.example"));
  EXPECT_EQ(digest(linked.chain[1].path), base);
  EXPECT_EQ(private_directories(), directories);
  EXPECT_THAT(util::read_file("/proc/self/mountinfo", 1 << 22), ::testing::Not(HasSubstr("vmtool-identity")));
}

// Deleted while it was open, when the power went: its blocks are nobody's until e2fsck, or the next mount, frees them.
TEST_F(Helper, FreesOrphanFilesBeforeItEdits) {
  files_.write("var/tmp/open", std::string(100'000, 'o'));
  make_ext(raw_, files_, {"-t", "ext4", "-O", "^metadata_csum", "-b", "4096"}, 32);
  const std::string stat = debugfs(raw_, "stat /var/tmp/open");
  const std::string inode = util::split(stat, ' ').at(1);
  debugfs_write(raw_, "unlink /var/tmp/open\nsif <" + inode + "> links_count 0\nsif <" + inode +
                          "> dtime 0\nssv last_orphan " + inode + "\n");
  ASSERT_NE(fsck(raw_), "");

  const identity::Report report = identity::renew(request_for({{{raw_, "raw"}}}));
  EXPECT_EQ(fsck(raw_), "");
  EXPECT_EQ(guest_file(raw_, "/etc/machine-id"), report.machine_id + "\n");
  EXPECT_THAT(debugfs(raw_, "testi <" + inode + ">"), HasSubstr("not in use"));
}

TEST_F(Helper, AnUndoFileBeginsAfterAReplay) {
  make_ext(raw_, files_, {"-t", "ext4", "-b", "4096"}, 32);
  leave_transaction(directory_, raw_, "/etc/mailname", "replayed.example.org");
  identity::Request request = request_for({{{raw_, "raw"}}});
  request.undo_file = directory_.path() / "undo";
  const identity::Report report = identity::renew(request);
  EXPECT_EQ(guest_file(raw_, "/etc/machine-id"), report.machine_id + "\n");
  identity::restore(request.undo_file);
  EXPECT_EQ(fsck(raw_), "");
  EXPECT_EQ(guest_file(raw_, "/etc/machine-id"), std::string(old_machine_id) + "\n");
  EXPECT_THAT(guest_file(raw_, "/etc/mailname"), HasSubstr("replayed.example"));
}

TEST_F(Helper, NeverUndoesOverWhatAGuestHasWrittenSince) {
  identity::Request request = request_for({{{raw_, "raw"}}});
  request.undo_file = directory_.path() / "undo";
  identity::renew(request);
  debugfs_write(raw_, "sif /etc/machine-id mtime 20300101000000\n");
  const std::string since = digest(raw_);
  EXPECT_THROW(identity::restore(request.undo_file), util::Error);
  EXPECT_EQ(digest(raw_), since);
  EXPECT_TRUE(std::filesystem::exists(request.undo_file));
}

TEST_F(Helper, BringsQuotaFilesUpToDate) {
  make_ext(raw_, files_, {"-t", "ext4", "-O", "quota,project"}, 32);
  const identity::Disk linked = linked_disk();
  identity::renew(request_for({{{raw_, "raw"}}}));
  EXPECT_EQ(fsck(raw_), "");

  VMTOOL_NEEDS("fuse");
  VMTOOL_NEEDS("root");
  identity::renew(request_for(linked));
  const auto flat = directory_.path() / "flat.raw";
  util::run_checked({{"qemu-img", "convert", "-O", "raw", linked.chain[0].path.native(), flat.native()}});
  EXPECT_EQ(fsck(flat), "");
}

TEST_F(Helper, UndoesAResetToTheByte) {
  identity::Request request = request_for({{{raw_, "raw"}}});
  request.undo_file = directory_.path() / "undo";
  const std::string before = digest(raw_);
  identity::renew(request);
  EXPECT_NE(digest(raw_), before);
  EXPECT_EQ(failure_of(request).first, util::Errc::conflict);  // an undo file is never written over
  identity::restore(request.undo_file);
  EXPECT_EQ(digest(raw_), before);
  EXPECT_FALSE(std::filesystem::exists(request.undo_file));
}

TEST_F(Helper, LeavesADiskAloneWhoseUndoFileWasNeverComplete) {
  identity::Request request = request_for({{{raw_, "raw"}}});
  request.undo_file = directory_.path() / "undo";
  identity::renew(request);
  const std::string after = digest(raw_);
  std::filesystem::resize_file(request.undo_file, std::filesystem::file_size(request.undo_file) - 1);
  identity::restore(request.undo_file);
  EXPECT_EQ(digest(raw_), after);
  EXPECT_FALSE(std::filesystem::exists(request.undo_file));
}

TEST_F(Helper, KeepsNoUndoFileOfARefusedReset) {
  identity::Request request = request_for({{{raw_, "raw"}}});
  request.undo_file = directory_.path() / "undo";
  request.options.machine_id = old_machine_id;
  EXPECT_EQ(failure_of(request).first, util::Errc::conflict);
  EXPECT_FALSE(std::filesystem::exists(request.undo_file));
}

TEST_F(Helper, IsNeededOnlyAtRunTime) {
  const char* program = std::getenv("VMTOOL_PROGRAM");
  ASSERT_NE(program, nullptr) << "ctest names it";
  const std::string needed = util::run_checked({{"readelf", "-d", program}}).out;
  for (const char* library : {"libext2fs", "libblkid", "libnbd", "libseccomp"})
    EXPECT_THAT(needed, ::testing::Not(HasSubstr(library)));
}

}  // namespace
}  // namespace vmtool::tests
