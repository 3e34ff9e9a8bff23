#include <fmt/format.h>

#include "images/debian_image.hpp"

namespace vmtool::images {
namespace {

// Sectors of 512 bytes: 1 MiB of alignment, 64 MiB of EFI system partition, the rest is root.
constexpr std::uint64_t esp_start = 2048;
constexpr std::uint64_t esp_sectors = 131'072;
constexpr std::uint64_t root_start = esp_start + esp_sectors;
// The second partition table lies at the end.
constexpr std::uint64_t tail_sectors = 2048;

constexpr std::string_view set_up = R"sh(
cat >"$root/etc/systemd/network/80-dhcp.network" <<'END'
[Match]
Type=ether

[Network]
DHCP=yes
END
cat >"$root/etc/systemd/system/ssh-host-keys.service" <<'END'
[Unit]
Description=Host keys of sshd, where it has none
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key
Before=ssh.service

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
ExecStart=/usr/bin/ssh-keygen -q -t ecdsa -N "" -f /etc/ssh/ssh_host_ecdsa_key

[Install]
WantedBy=multi-user.target
END
cat >"$root/etc/fstab" <<'END'
LABEL=root / ext4 errors=remount-ro 0 1
LABEL=ESP /boot/efi vfat umask=0077,nofail 0 1
END
mkdir -p "$root/boot/efi"
chroot "$root" systemctl --quiet enable systemd-networkd systemd-resolved ssh-host-keys
chroot "$root" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer systemd-networkd-wait-online
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/systemd/random-seed"
echo uninitialized >"$root/etc/machine-id"
mkdir -p "$root/var/lib/dbus"
ln -sf /etc/machine-id "$root/var/lib/dbus/machine-id"
echo "$host_name" >"$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost\n' "$host_name" >"$root/etc/hosts"
if [ -s "$here/authorized_keys" ]; then
  mkdir -p -m 0700 "$root/root/.ssh"
  cp "$here/authorized_keys" "$root/root/.ssh/authorized_keys"
fi
)sh";

// GRUB from the ESP's fallback path, so that a fresh NVRAM finds it; its modules are inside.
constexpr std::string_view boot_loader = R"sh(
mkdir -p "$work/esp/EFI/BOOT" "$work/esp/EFI/debian"
chroot "$root" grub-mkimage -O x86_64-efi -p /EFI/debian -o /tmp/grub.efi part_gpt fat ext2 normal linux search search_label configfile serial terminal all_video gzio
mv "$root/tmp/grub.efi" "$work/esp/EFI/BOOT/BOOTX64.EFI"
cat >"$work/esp/EFI/debian/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
search --no-floppy --label root --set=root
linux /vmlinuz root=LABEL=root ro console=tty0 console=ttyS0
initrd /initrd.img
boot
END
cat "$root/vmlinuz" >"$here/vmlinuz"
cat "$root/initrd.img" >"$here/initrd.img"
)sh";

// mmdebstrap has /proc, /sys and /dev mounted in the tree: a bind mount of the tree alone has none of them.
constexpr std::string_view make_disk = R"sh(
sfdisk -q "$here/disk.raw" <<END
label: gpt
start=$esp_start, size=$esp_sectors, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=esp
start=$root_start, size=$root_sectors, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, name=root
END
mkfs.vfat -F 16 -n ESP --offset "$esp_start" "$here/disk.raw" "$((esp_sectors / 2))" >/dev/null
mcopy -s -i "$here/disk.raw@@$((esp_start * 512))" "$work/esp/EFI" ::
mkdir "$work/tree"
export here work root root_start root_sectors
unshare --mount sh -eu -c '
  mount --bind "$root" "$work/tree"
  mke2fs -q -t ext4 -b 4096 -L root -E "offset=$((root_start * 512))" -d "$work/tree" "$here/disk.raw" "$((root_sectors / 8))"
'
)sh";

}  // namespace

std::string finishing_script(const DebianImage& image, const std::filesystem::path& folder) {
  const std::uint64_t root_sectors = image.size.count / 512 - root_start - tail_sectors;
  // What stands between quotes was checked to hold none (build_debian_image), and the folder is our own.
  return fmt::format(
      "set "
      "-eu\nroot=$1\nhere='{}'\nwork=$here/"
      "work\nhost_name='{}'\nesp_start={}\nesp_sectors={}\nroot_start={}\nroot_sectors={}\n{}{}{}",
      folder.native(), image.host_name, esp_start, esp_sectors, root_start, root_sectors, set_up, boot_loader,
      make_disk);
}

}  // namespace vmtool::images
