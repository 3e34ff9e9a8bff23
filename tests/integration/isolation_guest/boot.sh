#!/bin/sh
# boot.sh ISOLATE DIRECTORY: boots Debian's cloud kernel, a host of pure cgroup v2, under emulation, with an initramfs of
# busybox, the program and guest_init as its first process. Prints what that says on the serial console.
set -eu
isolate=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)
kernel=$(find /boot -maxdepth 1 -name 'vmlinuz-*-cloud-amd64' | sort -V | tail -n 1)
release=${kernel#/boot/vmlinuz-}
root=$work/root
mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/run" "$root/tmp" "$root/lib"
cp /bin/busybox "$isolate" "$root/bin/"
busybox --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
cp "$here/guest_init" "$root/init"
chmod 755 "$root/init"
number=10
for name in overlay virtio_pci virtio_blk; do /sbin/modprobe -S "$release" --show-depends "$name"; done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
  cp "$module" "$root/lib/$number-${module##*/}"
  number=$((number + 1))
done
(cd "$root" && find . | cpio --quiet -o -H newc) >"$work/initrd.img"
truncate -s 1M "$work/disk"
exec qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m 256 -nodefaults -no-reboot -display none -serial stdio \
  -drive "file=$work/disk,format=raw,if=virtio" -kernel "$kernel" -initrd "$work/initrd.img" -append "console=ttyS0 quiet panic=-1 no_timer_check"
