#!/bin/sh
# Builds the tiny guest: Debian's cloud kernel and an initramfs of busybox, enough to boot in seconds under emulation,
# take an address by DHCP, write to its disks and obey the power button. Needs no privilege.
#
#   tools/tiny_guest/build.sh [DIRECTORY]
#
# Leaves DIRECTORY/<digest>/vmlinuz and DIRECTORY/<digest>/initrd.img and prints that folder's path. The digest covers
# everything that goes in, so that a second run finds the first one's result. Without an argument DIRECTORY is
# /var/cache/vmtool/tiny-guest for root, else ${XDG_CACHE_HOME:-~/.cache}/vmtool/tiny-guest. QEMU runs as a user of its
# own: the folder must be one that this user can reach, which a home directory often is not.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
modules="virtio_pci virtio_blk virtio_net virtio_console virtio-rng virtio_balloon evdev button"

fail() {
  echo "tools/tiny_guest/build.sh: $1" >&2
  exit 1
}

if [ $# -gt 0 ]; then
  cache=$1
elif [ "$(id -u)" -eq 0 ]; then
  cache=/var/cache/vmtool/tiny-guest
else
  cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmtool/tiny-guest
fi

kernel=$(find /boot -maxdepth 1 -name 'vmlinuz-*-cloud-amd64' | sort -V | tail -n 1)
[ -n "$kernel" ] || fail "no cloud kernel in /boot: install linux-image-cloud-amd64"
[ -r "$kernel" ] || fail "$kernel can't be read"
release=${kernel#/boot/vmlinuz-}
busybox=$(command -v busybox) || fail "busybox is missing: install busybox-static"
command -v cpio >/dev/null || fail "cpio is missing: install cpio"

digest=$(cat "$here/build.sh" "$here/init" "$here/udhcpc.script" "$kernel" "$busybox" | sha256sum | cut -c 1-16)
out=$cache/$digest
if [ -f "$out/vmlinuz" ] && [ -f "$out/initrd.img" ]; then
  echo "$out"
  exit 0
fi

umask 022
mkdir -p "$cache"
work=$(mktemp -d "$cache/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
root=$work/root
mkdir -p "$root/bin" "$root/dev" "$root/etc" "$root/lib/modules" "$root/proc" "$root/run" "$root/sys" "$root/tmp"

cp "$busybox" "$root/bin/busybox"
"$root/bin/busybox" true 2>/dev/null || fail "$busybox does not run"
"$root/bin/busybox" --list | while read -r applet; do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
cp "$here/init" "$root/init"
cp "$here/udhcpc.script" "$root/etc/udhcpc.script"
chmod 755 "$root/init" "$root/etc/udhcpc.script"

# modprobe prints each module after what it needs; numbered names keep that order without a module database inside.
number=10
for module in $modules; do
  /sbin/modprobe -S "$release" --show-depends "$module" || fail "the kernel $release has no module '$module'"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/modules"
[ -s "$work/modules" ] || fail "no module of the kernel $release was found"
while read -r file; do
  strip --strip-debug -o "$root/lib/modules/$number-${file##*/}" "$file"
  number=$((number + 1))
done <"$work/modules"

find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 --reproducible) >"$work/initrd.img"
cp "$kernel" "$work/vmlinuz"
chmod 644 "$work/vmlinuz" "$work/initrd.img"
rm -rf "$root" "$work/modules"
# Another run may have been quicker: its result is the same.
mv -T "$work" "$out" 2>/dev/null || [ -f "$out/initrd.img" ] || fail "$out can't be made"
echo "$out"
