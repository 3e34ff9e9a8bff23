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

#include "identity/appliance_guest.hpp"
#include "identity/cpio_archive.hpp"
#include "identity/identity.hpp"
#include "identity/kernel_modules.hpp"
#include "util/death_signal.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr const char* emulator = "qemu-system-x86_64";
constexpr const char* guest_program = "vmtool-identity-guest";
constexpr std::size_t largest_program = 64U << 20;
constexpr auto longest_shutdown = std::chrono::seconds(30);
constexpr std::array<const char*, 2> known_filesystems{"xfs", "btrfs"};

std::vector<std::string> drivers_for(const std::vector<std::string>& contents) {
  std::vector<std::string> names{"virtio_pci", "virtio_blk", "virtio_console", "ext4", "loop"};
  for (const char* filesystem : known_filesystems) {
    if (std::find(contents.begin(), contents.end(), filesystem) != contents.end()) names.emplace_back(filesystem);
  }
  return names;
}

// The program and every library that it has loaded, each where the loader looks for it.
void add_program(CpioArchive& archive) {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / guest_program;
  if (::access(program.c_str(), X_OK) != 0) {
    throw Error(Errc::unavailable, fmt::format("'{}' is not installed", program.native())).hint("install vmtool with 'cmake --install'");
  }
  archive.add_file("/init", util::read_file(program, largest_program), 0755);
  for (const std::string& library : util::split(util::run_checked({{program.native(), "--libraries"}}).out, '\n')) {
    if (library.starts_with('/')) archive.add_file(library, util::read_file(std::filesystem::canonical(library), largest_program), 0755);
  }
}

util::Fd make_initramfs(const HostKernel& kernel, const std::vector<std::string>& contents) {
  CpioArchive archive;
  add_program(archive);
  int number = 100;
  for (const auto& module : modules_for(kernel, drivers_for(contents))) {
    archive.add_file(fmt::format("{}/{}-{}", appliance_modules, number++, module.filename().native()), util::read_file(module, largest_program));
  }
  // The kernel opens the console before anything of ours runs.
  archive.add_directory("/dev");
  util::Fd file(::memfd_create("initramfs", MFD_CLOEXEC));
  if (!file) throw util::SysError(errno, "making an initramfs");
  util::write_all(file.get(), std::move(archive).finish());
  return file;
}

std::vector<std::string> arguments_for(const Job& job, const HostKernel& kernel, int initramfs, int channel) {
  const bool looks_only = job.action == Job::Action::show;
  std::vector<std::string> words{
      emulator, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none",
      "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
      "-machine", "pc,accel=tcg", "-cpu", "qemu64", "-m", "256",
      "-kernel", kernel.image.native(), "-initrd", fmt::format("/proc/self/fd/{}", initramfs),
      "-append", "console=ttyS0 quiet panic=-1 mitigations=off nokaslr audit=0 cryptomgr.notests random.trust_cpu=on",
      "-serial", "stdio",
      "-device", "virtio-serial-pci", "-chardev", fmt::format("socket,id=channel,fd={}", channel),
      "-device", fmt::format("virtserialport,chardev=channel,name={}", appliance_port), "-device", "virtio-rng-pci"};
  for (std::size_t i = 0; i < job.request.target.disks.size(); ++i) {
    const std::string node = fmt::format("{}{}", appliance_disk, i);
    words.insert(words.end(), {"-blockdev", block_node(job.request.target.disks[i], node, looks_only ? ImageAccess::look : ImageAccess::write),
                               "-device", fmt::format("virtio-blk-pci,drive={},serial={}", node, node)});
  }
  return words;
}

// Runs in the child: what it needs must be ready, since nothing is allocated here.
[[noreturn]] void become_qemu(std::vector<char*>& words, int initramfs, int channel, int output, pid_t parent) noexcept {
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
  const HostKernel kernel = find_kernel();
  const util::Fd initramfs = make_initramfs(kernel, contents);
  auto [ours, theirs] = make_channel();
  // Its words go to a file in memory: a pipe that nobody reads would stop it.
  words_ = util::Fd(::memfd_create("words", MFD_CLOEXEC));
  if (!words_) throw util::SysError(errno, "starting the appliance");
  std::vector<std::string> arguments = arguments_for(job, kernel, initramfs.get(), theirs.descriptor());
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw util::SysError(errno, "starting the appliance");
  if (pid == 0) become_qemu(words, initramfs.get(), theirs.descriptor(), words_.get(), parent);
  machine_ = util::Child(pid);
  channel_ = std::move(ours);
}

std::string Appliance::last_words() {
  ::lseek(words_.get(), 0, SEEK_SET);
  const std::string all = util::read_all(words_.get(), largest_program);
  const std::string text(util::trim(all));
  return util::printable(text.size() > 600 ? text.substr(text.size() - 600) : text, 700);
}

void Appliance::finish() {
  channel_ = Channel(util::Fd());
  const auto end = std::chrono::steady_clock::now() + longest_shutdown;
  while (machine_.running() && !machine_.poll()) {
    if (std::chrono::steady_clock::now() > end) throw Error(Errc::io, "the appliance does not power off: " + last_words());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace vmtool::identity
