#!/usr/bin/env bash
# Times the renewal of a clone's identity against virt-sysprep on the same image, in one run: medians and their ratio.
# usage: VMTOOL_PROGRAM=… identity_bench.sh [RUNS]
# Where virt-sysprep is missing its part is left out. Without KVM the appliance runs under emulation, as on the hosts that
# vmtool is built on: the ratio is for such hosts.
set -euo pipefail

readonly program=$(dirname "$VMTOOL_PROGRAM")/../identity/vmtool-identity
readonly runs=${1:-9}
readonly work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make_tree() {
  local tree=$1
  mkdir -p "$tree"/{bin,sbin,lib,usr/bin,usr/lib,etc/ssh,var/lib/dbus,var/lib/systemd,var/lib/dhcp,dev,proc,sys,tmp,root}
  echo 0123456789abcdef0123456789abcdef >"$tree/etc/machine-id"
  cp "$tree/etc/machine-id" "$tree/var/lib/dbus/machine-id"
  printf 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' >"$tree/etc/os-release"
  echo 12.5 >"$tree/etc/debian_version"
  echo '/dev/sda1 / ext4 defaults 0 1' >"$tree/etc/fstab"
  echo golden >"$tree/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 golden\n' >"$tree/etc/hosts"
  head -c 512 /dev/urandom >"$tree/var/lib/systemd/random-seed"
  for type in ed25519 ecdsa; do ssh-keygen -q -t "$type" -N '' -f "$tree/etc/ssh/ssh_host_${type}_key"; done
}

make_base() {
  make_tree "$work/tree"
  truncate -s 2G "$work/base.raw"
  printf 'label: gpt\nstart=2048, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n' | sfdisk -q "$work/base.raw"
  mke2fs -q -F -t ext4 -b 4096 -E offset=1048576 -d "$work/tree" "$work/base.raw" 523000
  qemu-img convert -O qcow2 "$work/base.raw" "$work/base.qcow2"
}

new_overlay() {
  rm -f "$work/top.qcow2"
  qemu-img create -q -f qcow2 -F qcow2 -b "$work/base.qcow2" "$work/top.qcow2"
}

# Milliseconds that a command takes.
milliseconds() {
  local start end
  start=$(date +%s%N)
  "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
  end=$(date +%s%N)
  echo $(((end - start) / 1000000))
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

renew() {
  "$program" <<JSON
{"action": 0, "undoFile": "", "target": {"directory": "", "rootDisk": -1, "rootPartition": -1,
 "disks": [[{"path": "$work/top.qcow2", "format": "qcow2"}, {"path": "$work/base.qcow2", "format": "qcow2"}]]},
 "options": {"machineId": "random", "uuid": "", "hostname": "web", "macs": [], "addresses": [], "keep": [], "only": [], "clean": []}}
JSON
  ! grep -q '"error"' "$work/out"
}

sysprep() {
  LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg \
    virt-sysprep -q --operations machine-id,ssh-hostkeys,customize --hostname web --format qcow2 -a "$work/top.qcow2"
}

make_base
for _ in $(seq "$runs"); do
  new_overlay
  milliseconds renew
done >"$work/ours"
ours=$(median <"$work/ours")
echo "renewed identity of a linked clone (2 GiB, ed25519 and ecdsa keys): $ours ms, median of $runs"
command -v virt-sysprep >/dev/null || exit 0
new_overlay
theirs=$(milliseconds sysprep)
echo "virt-sysprep, three operations, one run: $theirs ms"
echo "ratio: $((theirs / (ours > 0 ? ours : 1)))"
