#include "identity/appliance.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include <fmt/format.h>

#include "identity/appliance_boot.hpp"
#include "identity/identity.hpp"
#include "util/death_signal.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr const char* emulator = "qemu-system-x86_64";
constexpr std::size_t longest_log = 64U << 20;
constexpr auto longest_shutdown = std::chrono::seconds(30);

std::vector<std::string> arguments_for(const Job& job, const ApplianceBoot& boot, int channel) {
  const bool looks_only = job.action == Job::Action::show;
  std::vector<std::string> words{emulator,
                                 "-nodefaults",
                                 "-no-user-config",
                                 "-display",
                                 "none",
                                 "-no-reboot",
                                 "-nic",
                                 "none",
                                 "-sandbox",
                                 "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
                                 "-machine",
                                 "pc,accel=tcg",
                                 "-cpu",
                                 "qemu64",
                                 "-m",
                                 "256",
                                 "-kernel",
                                 boot.kernel.native(),
                                 "-initrd",
                                 fmt::format("/proc/self/fd/{}", boot.initramfs.get()),
                                 "-append",
                                 boot.command_line,
                                 "-serial",
                                 "stdio",
                                 "-device",
                                 "virtio-serial-pci",
                                 "-chardev",
                                 fmt::format("socket,id=channel,fd={}", channel),
                                 "-device",
                                 fmt::format("virtserialport,chardev=channel,name={}", appliance_port_name()),
                                 "-device",
                                 "virtio-rng-pci"};
  for (std::size_t i = 0; i < job.request.target.disks.size(); ++i) {
    const std::string node = appliance_disk_serial(i);
    words.insert(words.end(),
                 {"-blockdev",
                  block_node(job.request.target.disks[i], node, looks_only ? ImageAccess::look : ImageAccess::write),
                  "-device", fmt::format("virtio-blk-pci,drive={},serial={}", node, node)});
  }
  return words;
}

// Runs in the child: what it needs must be ready, since nothing is allocated here.
[[noreturn]] void become_qemu(std::vector<char*>& words, int initramfs, int channel, int output,
                              pid_t parent) noexcept {
  if (!util::die_with_parent(parent)) ::_exit(127);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::fcntl(initramfs, F_SETFD, 0);
  ::fcntl(channel, F_SETFD, 0);
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::execvp(words.front(), words.data());
  ::_exit(127);
}

}  // namespace

Appliance::Appliance(const Job& job, const std::vector<std::string>& contents) : channel_(util::Fd()) {
  for (const Disk& disk : job.request.target.disks) check_chain(disk);
  const ApplianceBoot boot = make_appliance_boot(contents);
  auto [ours, theirs] = make_channel();
  // Its words go to a file in memory: a pipe that nobody reads would stop it.
  words_ = util::Fd(::memfd_create("words", MFD_CLOEXEC));
  if (!words_) throw util::SysError(errno, "starting the appliance");
  std::vector<std::string> arguments = arguments_for(job, boot, theirs.descriptor());
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw util::SysError(errno, "starting the appliance");
  if (pid == 0) become_qemu(words, boot.initramfs.get(), theirs.descriptor(), words_.get(), parent);
  machine_ = util::Child(pid);
  channel_ = std::move(ours);
}

std::string Appliance::last_words() {
  ::lseek(words_.get(), 0, SEEK_SET);
  const std::string all = util::read_all(words_.get(), longest_log);
  const std::string text(util::trim(all));
  return util::printable(text.size() > 600 ? text.substr(text.size() - 600) : text, 700);
}

void Appliance::finish() {
  channel_ = Channel(util::Fd());
  const auto end = std::chrono::steady_clock::now() + longest_shutdown;
  while (machine_.running() && !machine_.poll()) {
    if (std::chrono::steady_clock::now() > end)
      throw Error(Errc::io, "the appliance does not power off: " + last_words());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace vmtool::identity
