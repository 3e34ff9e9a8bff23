// Tools of their own (mke2fs, debugfs, e2fsck) make and read the disks.
#include "tests/support/guest_image.hpp"

#include <fcntl.h>

#include <fmt/format.h>

#include "util/digest.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

std::string at_offset(const std::filesystem::path& disk, std::uint64_t offset) {
  return offset == 0 ? disk.native() : fmt::format("{}?offset={}", disk.native(), offset);
}

}  // namespace

GuestFiles::GuestFiles() {
  write("etc/machine-id", std::string(old_machine_id) + "\n");
  write("var/lib/dbus/machine-id", std::string(old_machine_id) + "\n");
  write("etc/os-release", "ID=debian\nVERSION_ID=12\n");
  write("etc/fstab", "# nothing but the root\n");
  write("etc/hostname", "golden\n");
  write("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 golden.example.org golden\n");
  write("etc/mailname", "golden.example.org\n");
  write("etc/ssh/sshd_config", "PermitRootLogin no\n");
  write("etc/ssh/ssh_host_ed25519_key", "old private\n");
  write("etc/ssh/ssh_host_ed25519_key.pub",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA root@golden\n");
  write("etc/systemd/network/10-lan.network", "[Match]\nMACAddress=52:54:00:00:00:01\n[Network]\nDHCP=yes\n");
  write("var/lib/systemd/random-seed", std::string(512, 's'));
  write("var/lib/dhcp/dhclient.eth0.leases", "lease { fixed-address 10.0.0.5; }\n");
  write("var/lib/cloud/instances/i-1/obj.pkl", "state");
  write("var/lib/cloud/data/instance-id", "i-1\n");
  link("var/lib/cloud/instance", "/var/lib/cloud/instances/i-1");
  std::filesystem::permissions(path_of("etc/machine-id"), std::filesystem::perms(0444));
  std::filesystem::permissions(path_of("etc/ssh/ssh_host_ed25519_key"), std::filesystem::perms(0600));
}

void GuestFiles::link(const std::string& path, const std::string& target) const {
  std::filesystem::create_directories(path_of(path).parent_path());
  std::filesystem::remove(path_of(path));
  std::filesystem::create_symlink(target, path_of(path));
}

void make_ext(const std::filesystem::path& disk, const GuestFiles& files, const std::vector<std::string>& mke2fs_args,
              std::uint64_t size_mib, std::uint64_t offset) {
  const std::uint64_t needed = offset + (size_mib << 20);
  util::open_file(disk, O_RDWR | O_CREAT, 0600);
  if (std::filesystem::file_size(disk) < needed) std::filesystem::resize_file(disk, needed);
  util::Command command{{"mke2fs", "-q", "-F", "-d", files.path().native()}};
  if (offset != 0) command.args.insert(command.args.end(), {"-E", fmt::format("offset={}", offset)});
  command.args.insert(command.args.end(), mke2fs_args.begin(), mke2fs_args.end());
  command.args.insert(command.args.end(), {disk.native(), fmt::format("{}k", size_mib * 1024)});
  util::run_checked(command);
}

void partition(const std::filesystem::path& disk, const std::string& script) {
  util::Command command{{"sfdisk", "-q", "--no-reread", "--no-tell-kernel", disk.native()}};
  command.input = script;
  util::run_checked(command);
}

std::string fsck(const std::filesystem::path& disk, std::uint64_t offset) {
  const util::Result result = util::run({{"e2fsck", "-fn", at_offset(disk, offset)}});
  return result.exit_code == 0 ? std::string() : result.out + result.err;
}

std::string debugfs(const std::filesystem::path& disk, const std::string& request, std::uint64_t offset) {
  return util::run_checked({{"debugfs", "-R", request, at_offset(disk, offset)}}).out;
}

void debugfs_write(const std::filesystem::path& disk, const std::string& requests, std::uint64_t offset) {
  util::Command command{{"debugfs", "-w", "-f", "/dev/stdin", at_offset(disk, offset)}};
  command.input = requests;
  util::run_checked(command);
}

std::string guest_file(const std::filesystem::path& disk, const std::string& path, std::uint64_t offset) {
  // debugfs prints all 60 bytes of a file that lies in its inode, whatever the file's size.
  const std::string facts = debugfs(disk, "stat " + path, offset);
  const std::size_t size = facts.find("Size: ");
  if (size == std::string::npos) return "no such file";
  return debugfs(disk, "cat " + path, offset).substr(0, std::stoull(facts.substr(size + 6)));
}

bool guest_has(const std::filesystem::path& disk, const std::string& path, std::uint64_t offset) {
  return debugfs(disk, "stat " + path, offset).find("Inode:") != std::string::npos;
}

std::string digest(const std::filesystem::path& path) {
  return util::sha256_hex_of_file(util::open_file(path, O_RDONLY).get());
}

}  // namespace vmtool::tests
