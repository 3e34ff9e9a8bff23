#include "images/debian_image.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "images/debian_host.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr std::chrono::minutes build_limit{30};

constexpr std::string_view needed_packages =
    "systemd-sysv,systemd-resolved,libpam-systemd,dbus,udev,kmod,linux-image-cloud-amd64,initramfs-tools,zstd,grub-"
    "common,grub-efi-amd64-bin,openssh-server,"
    "qemu-guest-agent,iproute2,netbase,login,passwd,e2fsprogs";

bool is_host_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() < 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), allowed);
}

void check(const DebianImage& image) {
  if (!is_host_name(image.host_name)) {
    throw Error(Errc::invalid_input, fmt::format("'{}' is no host name", util::printable(image.host_name)))
        .hint("letters, digits and '-', 63 characters at most");
  }
  if (image.size < least_size) {
    throw Error(Errc::invalid_input, fmt::format("{} is too small for a Debian", util::to_text(image.size)))
        .hint(fmt::format("write {} or more", util::to_text(least_size)));
  }
  require_package_names(image.packages);
}

}  // namespace

BuiltImage build_debian_image(const DebianImage& image, const fs::path& folder) {
  check(image);
  require_programs({"mmdebstrap", "sfdisk", "mkfs.vfat", "mcopy", "mke2fs", "qemu-img"},
                   "mmdebstrap fdisk dosfstools mtools e2fsprogs qemu-utils");
  const std::string suite = debian_suite_of_host();
  const fs::path raw = folder / "disk.raw";
  // Without root these are written from inside of a user namespace, where their owner is nobody.
  for (const char* name : {"disk.raw", "vmlinuz", "initrd.img"}) {
    util::write_file_atomic(folder / name, "");
    fs::permissions(folder / name, static_cast<fs::perms>(0666));
  }
  fs::create_directory(folder / "work");
  fs::permissions(folder / "work", fs::perms::all);
  fs::resize_file(raw, image.size.count);
  util::write_file_atomic(folder / "authorized_keys", image.authorized_keys);
  util::write_file_atomic(folder / "finish.sh", finishing_script(image, folder));

  std::string packages(needed_packages);
  for (const std::string& package : image.packages) packages += "," + package;
  util::Command build{.args = {"mmdebstrap", "--variant=minbase", "--format=null",
                               "--aptopt=APT::Install-Recommends \"false\"", "--include=" + packages,
                               fmt::format("--customize-hook=sh '{}/finish.sh' \"$1\"", folder.native()), suite, "-"},
                      .env = {wide_path()},
                      .time_limit = build_limit};
  // As root it mounts /proc and its like inside of the tree: the host shall see none of it. An ordinary user gets mounts of his own anyway,
  // with the user namespace.
  if (::geteuid() == 0) build.args.insert(build.args.begin(), {"unshare", "--mount"});
  for (const std::string& file : debian_sources_of_host()) build.args.push_back(file);
  const util::Result result = util::run(build);
  if (result.exit_code != 0)
    throw Error(Errc::io, fmt::format("mmdebstrap failed:\n  {}", last_lines(result.err)))
        .hint("see whether 'apt-get update' works on this host");

  const BuiltImage built{folder / "disk.qcow2", folder / "vmlinuz", folder / "initrd.img"};
  util::run_checked(
      {.args = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, built.disk}, .time_limit = build_limit});
  fs::remove(raw);
  return built;
}

}  // namespace vmtool::images
