#!/usr/bin/env python3
"""The renewal of a clone's identity against virt-sysprep on the same image. Without KVM its appliance runs under emulation, as ours
does: the ratios are for such hosts."""

import json
import os
import pathlib
import shlex
import subprocess
import tempfile

import compare

SYSPREP = ["env", "LIBGUESTFS_BACKEND=direct", "LIBGUESTFS_BACKEND_SETTINGS=force_tcg", "virt-sysprep", "-q",
           "--operations", "machine-id,ssh-hostkeys,customize", "--hostname", "web", "--format", "qcow2", "-a"]


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def make_tree(tree, key_types):
    """What virt-sysprep takes for a Debian system."""
    for name in ("bin", "sbin", "lib", "usr/bin", "usr/lib", "etc/ssh", "var/lib/dbus", "var/lib/systemd", "dev", "proc", "sys", "tmp", "root"):
        (tree / name).mkdir(parents=True)
    files = {"etc/machine-id": "0123456789abcdef0123456789abcdef\n", "var/lib/dbus/machine-id": "0123456789abcdef0123456789abcdef\n",
             "etc/os-release": 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
             "etc/debian_version": "12.5\n", "etc/fstab": "/dev/sda1 / auto defaults 0 1\n", "etc/hostname": "golden\n",
             "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 golden\n", "var/lib/systemd/random-seed": "s" * 512}
    for name, content in files.items():
        (tree / name).write_text(content)
    for kind in key_types:
        run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(tree / f"etc/ssh/ssh_host_{kind}_key"))


def xfs_prototype(tree):
    """A tree as mkfs.xfs -p takes it."""
    lines = ["/none", "0 0", "d--755 0 0"]

    def add(folder):
        for entry in sorted(folder.iterdir()):
            if entry.is_dir():
                lines.append(f"{entry.name} d--755 0 0")
                add(entry)
                lines.append("$")
            else:
                lines.append(f"{entry.name} ---600 0 0 {entry}")

    add(tree)
    return "\n".join(lines + ["$", ""])


def make_base(folder, filesystem, key_types):
    """A qcow2 of 2 GiB with one partition; returns its path."""
    tree = folder / "tree"
    make_tree(tree, key_types)
    raw, part, base = folder / "base.raw", folder / "part.raw", folder / "base.qcow2"
    with raw.open("wb") as disk:
        disk.truncate(2 << 30)
    subprocess.run(["sfdisk", "-q", str(raw)], input="label: gpt\nstart=2048, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n", text=True, check=True)
    if filesystem == "ext4":
        run("mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-E", "offset=1048576", "-d", str(tree), str(raw), "523000")
    else:
        (folder / "prototype").write_text(xfs_prototype(tree))
        with part.open("wb") as file:
            file.truncate((2 << 30) - (2 << 20))
        run("mkfs.xfs", "-q", "-f", "-p", str(folder / "prototype"), str(part))
        run("dd", f"if={part}", f"of={raw}", "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
    run("qemu-img", "convert", "-O", "qcow2", str(raw), str(base))
    return base


def job_for(top, base):
    options = {"machineId": "random", "uuid": "", "hostname": "web", "macs": [], "addresses": [], "keep": [], "only": [], "clean": []}
    disks = [[{"path": str(top), "format": "qcow2"}, {"path": str(base), "format": "qcow2"}]]
    return json.dumps({"action": 0, "undoFile": "", "options": options,
                       "target": {"directory": "", "rootDisk": -1, "rootPartition": -1, "way": 0, "disks": disks}})


def measure(what, helper, filesystem, key_types, count, goal, with_sysprep):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        base, top = make_base(folder, filesystem, key_types), folder / "top.qcow2"
        (folder / "job").write_text(job_for(top, base))

        def renew_overlay(_=None):
            top.unlink(missing_ok=True)
            run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(base), str(top))

        # The answer of a failure is no answer to be fast with.
        ours = ["sh", "-c", f"{shlex.quote(str(helper))} <{shlex.quote(str(folder / 'job'))} | grep -qv '\"error\"'"]
        peer = "virt-sysprep, 3 operations"
        candidates = {what: ours}
        if with_sysprep:
            candidates[peer] = SYSPREP + [str(top)]
        renew_overlay()
        medians = compare.alternate(candidates, compare.rounds(count), renew_overlay)
    if with_sysprep:
        compare.report(what, medians[what], {peer: medians[peer]}, {peer: goal})
    else:
        print(f"{what:<28} {medians[what] * 1000:9.1f} ms")


def main():
    helper = pathlib.Path(compare.program()).resolve().parent.parent / "identity" / "vmtool-identity"
    has_sysprep = any(os.access(pathlib.Path(folder, "virt-sysprep"), os.X_OK) for folder in os.get_exec_path())
    measure("identity, ext4", helper, "ext4", ["ed25519", "ecdsa"], 3, "1/300", has_sysprep)
    measure("the same with an RSA key", helper, "ext4", ["ed25519", "ecdsa", "rsa"], 9, None, False)
    measure("identity, XFS in place", helper, "xfs", ["ed25519", "ecdsa"], 2, "1/4", has_sysprep)


main()
