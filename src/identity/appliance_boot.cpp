#include "identity/appliance_boot.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "identity/appliance_guest.hpp"
#include "identity/cpio_archive.hpp"
#include "identity/kernel_modules.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/helper_path.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* guest_program = "vmtool-identity-guest";
constexpr std::size_t largest_program = 64U << 20;

// The program and every library that it has loaded, each where the loader looks for it.
void add_program(CpioArchive& archive) {
  const std::filesystem::path program = util::find_helper(guest_program, "identity");
  archive.add_file("/init", util::read_file(program, largest_program), 0755);
  for (const std::string& library : util::split(util::run_checked({{program.native(), "--libraries"}}).out, '\n')) {
    if (library.starts_with('/'))
      archive.add_file(library, util::read_file(std::filesystem::canonical(library), largest_program), 0755);
  }
}

void add_modules(CpioArchive& archive, const HostKernel& kernel, const std::string& directory,
                 const std::vector<std::string>& names) {
  int number = 100;
  for (const auto& module : modules_for(kernel, names)) {
    archive.add_file(fmt::format("{}/{}-{}", directory, number++, module.filename().native()),
                     util::read_file(module, largest_program));
  }
}

util::Fd make_initramfs(const HostKernel& kernel, const std::vector<std::string>& contents) {
  CpioArchive archive;
  add_program(archive);
  add_modules(archive, kernel, appliance_modules, {"virtio_pci", "virtio_blk", "virtio_console", "ext4", "loop"});
  for (const std::string& filesystem : all_appliance_filesystems()) {
    if (std::find(contents.begin(), contents.end(), filesystem) == contents.end()) continue;
    add_modules(archive, kernel, fmt::format("{}/{}", appliance_modules, filesystem), {filesystem});
  }
  // The kernel opens the console before anything of ours runs.
  archive.add_directory("/dev");
  util::Fd file(::memfd_create("initramfs", MFD_CLOEXEC));
  if (!file) throw util::SysError(errno, "making an initramfs");
  util::write_all(file.get(), std::move(archive).finish());
  return file;
}

}  // namespace

std::vector<std::string> all_appliance_filesystems() { return {"xfs", "btrfs"}; }

ApplianceBoot make_appliance_boot(const std::vector<std::string>& contents) {
  const HostKernel kernel = find_kernel();
  return {kernel.image, make_initramfs(kernel, contents),
          "console=ttyS0 quiet panic=-1 mitigations=off nokaslr audit=0 cryptomgr.notests random.trust_cpu=on"};
}

std::string appliance_port_name() { return appliance_port; }

std::string appliance_disk_serial(std::size_t number) { return fmt::format("{}{}", appliance_disk, number); }

}  // namespace vmtool::identity
