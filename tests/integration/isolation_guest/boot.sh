#!/bin/sh
# boot.sh ISOLATE DIRECTORY: boots Debian's cloud kernel, a host of pure cgroup v2, under emulation, with an initramfs of
# busybox, the program, guest_init as its first process and the host's systemd as the next one. Prints what that says on the serial console.
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
cp "$here/guest_bundle" "$here/guest_systemd" "$here/guest_user" "$root/"
chmod 755 "$root/init" "$root/guest_systemd" "$root/guest_user"

# systemd with the libraries that it needs, and three units: what it starts, the user's manager, and what that starts.
for program in /lib/systemd/systemd /bin/systemctl; do
  mkdir -p "$root${program%/*}"
  cp -L "$program" "$root$program"
  ldd "$program"
done | grep -o '/[^ ]*' | sort -u | while read -r library; do
  mkdir -p "$root${library%/*}"
  cp -L "$library" "$root$library"
done
mkdir -p "$root/etc/systemd/system" "$root/etc/systemd/user" "$root/root" "$root/usr"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
printf 'root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n' >"$root/etc/passwd"
# unit PATH LINE…
unit() {
  path=$root/etc/systemd/$1
  shift
  printf '%s\n' "$@" >"$path"
}
unit system/default.target '[Unit]' DefaultDependencies=no Requires=check.service
unit system/check.service '[Unit]' DefaultDependencies=no '[Service]' StandardOutput=null ExecStart=/guest_systemd
unit system/user@.service '[Unit]' DefaultDependencies=no '[Service]' User=%i Slice=user-%i.slice Type=notify Delegate=yes StandardOutput=null \
  RuntimeDirectory=user/%i Environment=XDG_RUNTIME_DIR=/run/user/%i 'ExecStart=/lib/systemd/systemd --user'
unit user/default.target '[Unit]' DefaultDependencies=no Wants=check.service
unit user/check.service '[Unit]' DefaultDependencies=no '[Service]' StandardOutput=null ExecStart=/guest_user
number=10
for name in overlay virtio_pci virtio_blk; do /sbin/modprobe -S "$release" --show-depends "$name"; done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
  cp "$module" "$root/lib/$number-${module##*/}"
  number=$((number + 1))
done
(cd "$root" && find . | cpio --quiet -o -H newc) >"$work/initrd.img"
truncate -s 1M "$work/disk"
exec qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m 384 -nodefaults -no-reboot -display none -serial stdio \
  -drive "file=$work/disk,format=raw,if=virtio" -kernel "$kernel" -initrd "$work/initrd.img" -append "console=ttyS0 quiet panic=-1 no_timer_check systemd.show_status=no systemd.log_target=console systemd.log_level=warning"
