#pragma once
// A bootable Debian disk image, made from Debian's packages alone, without mounting anything on the host.

#include <filesystem>
#include <string>
#include <vector>

#include "util/bytes.hpp"
#include "util/reporter.hpp"

namespace vmtool::images {

struct DebianImage {
  std::string host_name = "debian";
  util::Bytes size;                   ///< of the disk; at least least_size
  std::vector<std::string> packages;  ///< beside those that the image can't do without
  std::string authorized_keys;        ///< of root, lines of sshd's format; empty: nobody can log in by ssh
};

constexpr util::Bytes least_size = util::operator""_MiB(1536);

/// What a build leaves in its folder.
struct BuiltImage {
  std::filesystem::path disk;    ///< qcow2
  std::filesystem::path kernel;  ///< the kernel that is inside, for direct boot
  std::filesystem::path initrd;
};

/// Builds the host's own Debian release from the host's own apt sources by mmdebstrap into `folder`, as root or, without
/// root, in a user namespace with subordinate ids. The disk is GPT: an EFI system partition with GRUB, and an ext4 root
/// of the discoverable type (Discoverable Partitions Specification). Inside: systemd with networkd and resolved, D-Bus, sshd,
/// the QEMU guest agent; every DHCP server is asked; the machine-id is "uninitialized" (machine-id(5)) and ssh host keys are made by the first
/// boot. Throws Error{invalid_input} for values that can't be, Error{unavailable} where a program is missing or this is no
/// Debian, Error{io} with the words of the program that failed.
BuiltImage build_debian_image(const DebianImage& image, const std::filesystem::path& folder);

/// The shell script that turns an unpacked tree ($1) into the disk; what mmdebstrap calls at its end.
std::string finishing_script(const DebianImage& image, const std::filesystem::path& folder);

}  // namespace vmtool::images
