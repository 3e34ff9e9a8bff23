#include "images/debian_image.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

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
constexpr std::size_t largest_os_release = 1 << 16;

constexpr std::string_view needed_packages =
    "systemd-sysv,systemd-resolved,libpam-systemd,dbus,udev,kmod,linux-image-cloud-amd64,initramfs-tools,zstd,grub-common,grub-efi-amd64-bin,openssh-server,"
    "qemu-guest-agent,iproute2,netbase,login,passwd,e2fsprogs";

bool is_package_name(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  return name.size() > 1 && name.front() != '-' && std::all_of(name.begin(), name.end(), allowed);
}

bool is_host_name(const std::string& name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() < 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), allowed);
}

void check(const DebianImage& image) {
  if (!is_host_name(image.host_name)) {
    throw Error(Errc::invalid_input, fmt::format("'{}' is no host name", util::printable(image.host_name))).hint("letters, digits and '-', 63 characters at most");
  }
  if (image.size < least_size) {
    throw Error(Errc::invalid_input, fmt::format("{} is too small for a Debian", util::to_text(image.size))).hint(fmt::format("write {} or more", util::to_text(least_size)));
  }
  for (const std::string& package : image.packages) {
    if (!is_package_name(package)) throw Error(Errc::invalid_input, fmt::format("'{}' is no name of a Debian package", util::printable(package)));
  }
}

// VERSION_CODENAME of os-release(5).
std::string host_suite() {
  bool debian = false;
  std::string suite;
  for (const std::string& line : util::split(util::read_file("/etc/os-release", largest_os_release), '\n')) {
    if (line == "ID=debian") debian = true;
    if (line.starts_with("VERSION_CODENAME=")) suite = line.substr(line.find('=') + 1);
  }
  if (!debian || suite.empty()) {
    throw Error(Errc::unavailable, "this host is no Debian release").hint("an image is built from the host's own apt sources; import one that was built elsewhere");
  }
  return suite;
}

std::vector<std::string> host_sources() {
  std::vector<std::string> files;
  if (fs::exists("/etc/apt/sources.list") && fs::file_size("/etc/apt/sources.list") > 0) files.emplace_back("/etc/apt/sources.list");
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator("/etc/apt/sources.list.d", failure)) {
    const auto extension = entry.path().extension();
    // Only the distribution's own: an image does not need what else the host installs from.
    if ((extension == ".sources" || extension == ".list") && entry.path().stem() == "debian") files.push_back(entry.path().native());
  }
  if (files.empty()) throw Error(Errc::unavailable, "this host has no apt sources").hint("they are read from /etc/apt/sources.list and /etc/apt/sources.list.d/debian.sources");
  return files;
}

// An ordinary user's PATH often lacks the folders where Debian keeps sfdisk and its like.
std::pair<std::string, std::string> wide_path() {
  const char* path = std::getenv("PATH");
  return {"PATH", fmt::format("{}:/usr/sbin:/sbin", path != nullptr ? path : "/usr/bin:/bin")};
}

void require_programs() {
  for (const char* program : {"mmdebstrap", "sfdisk", "mkfs.vfat", "mcopy", "mke2fs", "qemu-img"}) {
    if (util::run({.args = {"sh", "-c", "command -v \"$0\"", program}, .env = {wide_path()}}).exit_code == 0) continue;
    throw Error(Errc::unavailable, fmt::format("building an image needs the program '{}'", program))
        .hint("apt install mmdebstrap fdisk dosfstools mtools e2fsprogs qemu-utils");
  }
}

// The last lines of what a program said: the cause stands at its end, after pages of progress.
std::string tail(const std::string& text) {
  auto lines = util::split(text, '\n');
  std::erase_if(lines, [](const std::string& line) { return util::trim(line).empty(); });
  if (lines.size() > 5) lines.erase(lines.begin(), lines.end() - 5);
  return util::join(lines, "\n  ");
}

}  // namespace

BuiltImage build_debian_image(const DebianImage& image, const fs::path& folder) {
  check(image);
  require_programs();
  const std::string suite = host_suite();
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
  util::Command build{.args = {"mmdebstrap", "--variant=minbase", "--format=null", "--aptopt=APT::Install-Recommends \"false\"", "--include=" + packages,
                               fmt::format("--customize-hook=sh '{}/finish.sh' \"$1\"", folder.native()), suite, "-"},
                      .env = {wide_path()},
                      .time_limit = build_limit};
  // As root it mounts /proc and its like inside of the tree: the host shall see none of it. An ordinary user gets mounts of his own anyway,
  // with the user namespace.
  if (::geteuid() == 0) build.args.insert(build.args.begin(), {"unshare", "--mount"});
  for (const std::string& file : host_sources()) build.args.push_back(file);
  const util::Result result = util::run(build);
  if (result.exit_code != 0) throw Error(Errc::io, fmt::format("mmdebstrap failed:\n  {}", tail(result.err))).hint("see whether 'apt-get update' works on this host");

  const BuiltImage built{folder / "disk.qcow2", folder / "vmlinuz", folder / "initrd.img"};
  util::run_checked({.args = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, built.disk}, .time_limit = build_limit});
  fs::remove(raw);
  return built;
}

}  // namespace vmtool::images
