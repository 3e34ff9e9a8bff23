#include "isolation/console.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstring>

#include "isolation/message.hpp"
#include "isolation/mount.hpp"
#include "isolation/rooted.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {
namespace {

using util::Fd;

/// A master of the container's own devpts: the multiplexer is looked at before it is trusted, since the image may
/// have put anything in its place.
int open_master(const Child& child, const char** detail) noexcept {
  *detail = "opening '/dev/pts/ptmx'";
  const Fd probe(open_in_root(child.root, "/dev/pts/ptmx", O_PATH, Links::refuse));
  if (!probe) return -1;
  struct stat about {};
  struct statfs filesystem {};
  if (::fstat(probe.get(), &about) != 0 || ::fstatfs(probe.get(), &filesystem) != 0) return -1;
  if (filesystem.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(about.st_mode) || about.st_rdev != ::makedev(5, 2)) {
    *detail = "'/dev/pts/ptmx' is no terminal multiplexer";
    errno = ENOTTY;
    return -1;
  }
  const int master = open_in_root(child.root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, Links::refuse);
  if (master < 0) return -1;
  struct stat opened {};
  if (::fstat(master, &opened) != 0 || opened.st_ino != about.st_ino || opened.st_dev != about.st_dev) {
    ::close(master);
    errno = ENOTTY;
    return -1;
  }
  return master;
}

}  // namespace

bool send_descriptor(int socket, int descriptor, const void* message, unsigned long size) noexcept {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  char copy[256];
  if (size > sizeof copy) {
    errno = EMSGSIZE;
    return false;
  }
  std::memcpy(copy, message, size);
  iovec data{copy, size};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
  return ::sendmsg(socket, &header, MSG_NOSIGNAL) >= 0;
}

Outcome run(const OpenConsole& step, Child& child) noexcept {
  const char* detail = nullptr;
  const Fd master(open_master(child, &detail));
  if (!master) return Outcome::last_error(detail);
  const int unlocked = 0;
  if (::ioctl(master.get(), TIOCSPTLCK, &unlocked) != 0) return Outcome::last_error("unlocking the terminal");
  child.console = ::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (child.console < 0) return Outcome::last_error("opening the other end of the terminal");
  if (step.rows != 0 && step.columns != 0) {
    const winsize size{step.rows, step.columns, 0, 0};
    if (::ioctl(master.get(), TIOCSWINSZ, &size) != 0) return Outcome::last_error("setting the size of the terminal");
  }
  if (step.owner != 0 && ::fchown(child.console, step.owner, static_cast<gid_t>(-1)) != 0) {
    return Outcome::last_error("giving the terminal to the user");
  }
  const Message message = Message::console;
  if (!send_descriptor(child.sync, master.get(), &message, sizeof message))
    return Outcome::last_error("sending the terminal");
  if (!step.bind) return {};
  const Fd target(make_file_in_root(child.root, "/dev/console"));
  if (!target) return Outcome::last_error("making '/dev/console'");
  const Fd mount(::open_tree(child.console, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  if (!mount) return Outcome::last_error("cloning the terminal's mount");
  return attach(mount.get(), target.get());
}

Outcome run(const UseConsole&, Child& child) noexcept {
  if (::ioctl(child.console, TIOCSCTTY, 0) != 0) return Outcome::last_error();
  for (int stream = 0; stream < 3; ++stream) {
    if (::dup2(child.console, stream) < 0) return Outcome::last_error();
  }
  return {};
}

}  // namespace vmtool::isolation
