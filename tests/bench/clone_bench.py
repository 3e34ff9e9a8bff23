#!/usr/bin/env python3
"""Clones with an identity of their own: vmtool against virt-clone and virt-sysprep; fifty against one; full copies against
qemu-img. The guest is a small Debian-like tree on ext4 in a partition, with ed25519 and ecdsa host keys."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import compare

SOURCE = compare.PREFIX + "golden"
RSA_SOURCE = SOURCE + "-rsa"
CLONE = compare.PREFIX + "clone"
POOL = compare.PREFIX + "pool"
DATA_GIB = 2
SYSPREP_OPERATIONS = "machine-id,ssh-hostkeys,customize,net-hostname"


def run(*command, **more):
    """Runs a command that must succeed; its output as text."""
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, check=False, **more)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def virsh(*command):
    return subprocess.run(compare.VIRSH + [str(word) for word in command], text=True, capture_output=True, check=False)


def make_tree(root, key_types):
    """Enough of a system to have every common identity."""
    machine_id = "0123456789abcdef0123456789abcdef\n"
    files = {
        "etc/machine-id": machine_id,
        "etc/os-release": "ID=debian\nVERSION_ID=12\nPRETTY_NAME=Debian\n",
        "etc/debian_version": "12.5\n",
        "etc/fstab": "# nothing but the root\n",
        "etc/hostname": "golden\n",
        "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 golden\n",
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "etc/shadow": "root:*:19000:0:99999:7:::\n",
        "etc/ssh/sshd_config": "",
        "var/lib/dpkg/status": "Package: dpkg\nStatus: install ok installed\nVersion: 1.21\nArchitecture: amd64\n",
        "var/lib/systemd/random-seed": "s" * 512,
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for folder in ("bin", "boot", "dev", "proc", "root", "run", "sbin", "sys", "tmp", "usr/bin", "usr/lib", "var/lib/dbus", "var/log"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    shutil.copy("/bin/busybox", root / "bin/sh")
    for kind in key_types:
        run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "root@golden", "-f", root / f"etc/ssh/ssh_host_{kind}_key")


def make_image(folder, image, key_types):
    """A GPT disk with one root partition, as qcow2."""
    tree = folder / "tree"
    tree.mkdir()
    make_tree(tree, key_types)
    raw = folder / "golden.raw"
    with open(raw, "wb") as disk:
        disk.truncate(512 << 20)
    run("sfdisk", "-q", "--no-reread", "--no-tell-kernel", raw, input="label: gpt\nstart=4096, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n")
    run("mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-d", tree, "-E", "offset=2097152", raw, "490m")
    run("qemu-img", "convert", "-O", "qcow2", raw, image)
    raw.unlink()
    shutil.rmtree(tree)


def define(name, image, kind):
    xml = f"""<domain type='qemu'><name>{name}</name><memory unit='MiB'>256</memory><os><type machine='q35'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='{kind}'/><source file='{image}'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><source network='default'/><model type='virtio'/></interface></devices></domain>"""
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(xml)
        file.flush()
        run(*compare.VIRSH, "define", file.name)


def remove_clones(folder):
    for name in compare.domains():
        if name.startswith(CLONE):
            virsh("undefine", name)
    for path in folder.glob(CLONE + "*"):
        path.unlink()
    virsh("pool-refresh", POOL)


def timed(*command, **more):
    start = time.perf_counter()
    run(*command, **more)
    return time.perf_counter() - start


def median_of(count, work, between):
    times = []
    for _ in range(compare.rounds(count)):
        times.append(work())
        between()
    return statistics.median(times)


def against_virt_sysprep(vmtool, folder):
    clear = lambda: remove_clones(folder)
    environment = dict(os.environ, LIBGUESTFS_BACKEND="direct", LIBGUESTFS_BACKEND_SETTINGS="force_tcg")

    def theirs():
        disk = folder / (CLONE + ".qcow2")
        took = timed("virt-clone", "--connect", "qemu:///system", "--original", SOURCE, "--name", CLONE, "--file", disk)
        return took + timed("virt-sysprep", "--quiet", "--operations", SYSPREP_OPERATIONS, "--hostname", CLONE, "-a", disk, env=environment)

    # The first linked clone moves a source to an overlay; the others stand on the same base.
    linked = lambda: timed(vmtool, "-q", "clone", SOURCE, CLONE, "--mode", "linked")
    with_rsa = lambda: timed(vmtool, "-q", "clone", RSA_SOURCE, CLONE, "--mode", "linked")
    full = lambda: timed(vmtool, "-q", "clone", SOURCE, CLONE, "--mode", "full")
    for first in (linked, with_rsa):
        first()
        clear()
    peer = median_of(2, theirs, clear)
    for name, work, goal in (("clone --mode linked", linked, "0.01"), ("linked, with an RSA key", with_rsa, "0.04"), ("clone --mode full", full, None)):
        compare.report(f"vmtool {name}", median_of(9, work, clear), {"virt-clone + virt-sysprep": peer}, {"virt-clone + virt-sysprep": goal} if goal else None)


def many(vmtool, folder):
    clear = lambda: remove_clones(folder)
    one = median_of(5, lambda: timed(vmtool, "-q", "clone", SOURCE, CLONE, "--mode", "linked"), clear)
    fifty = median_of(3, lambda: timed(vmtool, "-q", "clone", SOURCE, CLONE, "--mode", "linked", "--count", "50"), clear)
    compare.report("50 linked clones", fifty, {"one": one}, {"one": "25"})


def full_copies(vmtool, folder):
    """The bytes alone: without identity, against qemu-img on the same file, warm."""
    for kind, goal in (("qcow2", "1.0"), ("raw", "0.7")):
        name = f"{SOURCE}-{kind}"
        image = folder / f"{name}.{kind}"
        raw = folder / "random.raw"
        with open(raw, "wb") as disk:
            for _ in range(DATA_GIB * 64):
                disk.write(os.urandom(16 << 20))
            disk.truncate((DATA_GIB + 2) << 30)
        run("qemu-img", "convert", "-O", kind, raw, image)
        raw.unlink()
        virsh("pool-refresh", POOL)
        define(name, image, kind)
        copy = folder / f"{CLONE}.{kind}"
        ours, theirs = [], []
        for round_number in range(compare.rounds(3) + 1):
            # What is still to be written of the last copy would be paid for by the next one.
            os.sync()
            took = timed(vmtool, "-q", "clone", name, CLONE, "--mode", "full", "--identity", "none")
            remove_clones(folder)
            os.sync()
            peer = timed("qemu-img", "convert", "-W", "-m", "16", "-f", kind, "-O", kind, image, copy)
            copy.unlink()
            if round_number > 0:
                ours.append(took)
                theirs.append(peer)
        compare.report(f"full copy of {DATA_GIB} GiB, {kind}", statistics.median(ours), {"qemu-img convert -W": statistics.median(theirs)}, {"qemu-img convert -W": goal})
        virsh("undefine", name)
        image.unlink()


def main():
    vmtool = compare.program()
    compare.remove_domains()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vmtool-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        sources = {SOURCE: ["ed25519", "ecdsa"], RSA_SOURCE: ["ed25519", "ecdsa", "rsa"]}
        for source, key_types in sources.items():
            make_image(folder, folder / f"{source}.qcow2", key_types)
        run(*compare.VIRSH, "pool-create-as", POOL, "dir", "--target", folder)
        for source in sources:
            define(source, folder / f"{source}.qcow2", "qcow2")
        report = json.loads(run(vmtool, "clone", SOURCE, CLONE, "--dry-run", "-o", "json"))
        print(f"{len(report['clones'][0]['items'])} items a clone", flush=True)
        many(vmtool, folder)
        full_copies(vmtool, folder)
        against_virt_sysprep(vmtool, folder)
    finally:
        compare.remove_domains()
        virsh("pool-destroy", POOL)
        shutil.rmtree(folder, ignore_errors=True)


main()
