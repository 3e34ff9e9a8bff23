#include "identity/filesystem_check.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "identity/chain_check.hpp"
#include "identity/channel.hpp"
#include "identity/image_lock.hpp"
#include "identity/private_dir.hpp"
#include "identity/require_call.hpp"
#include "util/command.hpp"
#include "util/death_signal.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr auto longest_start = std::chrono::seconds(20);
constexpr auto longest_check = std::chrono::minutes(3);

struct Place {
  std::uint64_t offset;
  Check check;
};

// e2fsck(8): 1 means that everything was repaired.
void run_e2fsck(const std::string& file, const Place& place) {
  const util::Result result = util::run({.args = {"e2fsck", place.check == Check::everything ? "-fp" : "-p",
                                                  fmt::format("{}?offset={}", file, place.offset)},
                                         .time_limit = longest_check});
  if (result.exit_code <= 1) return;
  throw Error(Errc::conflict, fmt::format("e2fsck could not bring the filesystem in order: {}",
                                          util::printable(util::trim(result.out + result.err), 600)))
      .hint("start the machine and shut it down in order, or run e2fsck on its disk by hand");
}

void write_file(const char* path, const std::string& text) {
  const util::Fd file = util::open_file(path, O_WRONLY);
  util::write_all(file.get(), text);
}

// Namespaces in which a mount is seen by nobody else, and dies with its last process.
void enter_namespaces() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  require_call(::unshare(CLONE_NEWNS | CLONE_NEWPID | (user != 0 ? CLONE_NEWUSER : 0)),
               "making namespaces for a FUSE export");
  if (user != 0) {
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", fmt::format("0 {} 1", user));
    write_file("/proc/self/gid_map", fmt::format("0 {} 1", group));
  }
  require_call(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "separating the mounts");
}

void check_through_fuse(const Disk& disk, const Place& place, const std::filesystem::path& directory) {
  require_call(::mount("vmtool", directory.c_str(), "tmpfs", 0, "size=1m,mode=0700"), "mounting a private directory");
  const std::string file = (directory / "disk").native();
  const std::string ready = (directory / "ready").native();
  util::open_file(file, O_RDWR | O_CREAT, 0600);
  const util::Fd errors = util::open_file(directory / "errors", O_RDWR | O_CREAT, 0600);
  util::Child daemon = util::spawn(
      {{"qemu-storage-daemon", "--blockdev", block_node(disk, "disk"), "--export",
        fmt::format("type=fuse,id=disk,node-name=disk,mountpoint={},writable=on", file), "--pidfile", ready}},
      {-1, -1, errors.get()});
  const auto end = std::chrono::steady_clock::now() + longest_start;
  while (!std::filesystem::exists(ready)) {
    if (daemon.poll() || std::chrono::steady_clock::now() > end) {
      const std::string words = util::read_file(directory / "errors", 1 << 16);
      throw Error(words.find("lock") != std::string::npos ? Errc::conflict : Errc::unavailable,
                  fmt::format("the disk can't be exported for e2fsck: {}", util::printable(util::trim(words), 600)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  run_e2fsck(file, place);
  // Its orderly end writes what it still holds.
  ::kill(daemon.pid(), SIGTERM);
  const int code = daemon.wait();
  if (code != 0) throw Error(Errc::io, fmt::format("qemu-storage-daemon ended with code {}", code));
}

// Runs in the first process of the new namespaces and tells its end over the channel.
int tell(const Channel& channel, const Disk& disk, const Place& place,
         const std::filesystem::path& directory) noexcept {
  try {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    try {
      check_through_fuse(disk, place, directory);
      channel.send({{"done", true}});
    } catch (const Error& error) {
      channel.send({{"error", to_json(error)}});
    }
    return 0;
  } catch (const std::exception&) {
    return 1;
  }
}

// The new process namespace holds only what is forked after the unshare, so there are two processes.
int fork_into_namespaces(const Channel& channel, const Disk& disk, const Place& place,
                         const std::filesystem::path& directory, pid_t parent) noexcept {
  try {
    if (!util::die_with_parent(parent)) return 1;
    try {
      enter_namespaces();
    } catch (const Error& error) {
      channel.send({{"error", to_json(error)}});
      return 1;
    }
    const pid_t inner = ::fork();
    if (inner == 0) ::_exit(tell(channel, disk, place, directory));
    int status = 0;
    while (inner > 0 && ::waitpid(inner, &status, 0) < 0 && errno == EINTR) {
    }
    return 0;
  } catch (const std::exception&) {
    return 1;
  }
}

void check_image(const Disk& disk, const Place& place) {
  if (::access("/dev/fuse", R_OK | W_OK) != 0) {
    throw Error(Errc::unavailable,
                "e2fsck has to see to the filesystem first, which for an image that is not raw needs FUSE")
        .hint("load the module 'fuse', or start the machine and shut it down in order");
  }
  const PrivateDir directory;
  auto [ours, theirs] = make_channel();
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  require_call(pid, "starting e2fsck");
  if (pid == 0) {
    ours = Channel(util::Fd());
    ::_exit(fork_into_namespaces(theirs, disk, place, directory.path(), parent));
  }
  util::Child outer(pid);
  theirs = Channel(util::Fd());
  const auto end = ours.receive(longest_check + longest_start);
  outer.wait();
  if (!end) throw Error(Errc::internal, "the process that runs e2fsck ended without a word");
  if (end->contains("error")) throw error_from(end->at("error"));
}

}  // namespace

void check_filesystem(const Disk& disk, std::uint64_t offset, Check check) {
  const Place place{offset, check};
  check_chain(disk);
  if (disk.chain.front().format != "raw") return check_image(disk, place);
  const util::Fd file = util::open_file(disk.chain.front().path, O_RDWR);
  lock_image(file.get());
  // By the descriptor: a path may hold what e2fsck takes for an option.
  run_e2fsck(fmt::format("/proc/{}/fd/{}", ::getpid(), file.get()), place);
}

}  // namespace vmtool::identity
