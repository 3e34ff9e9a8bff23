#!/usr/bin/env python3
"""Defining one machine with a disk and an interface: vmtool, virsh with the ready XML, virt-install."""

import pathlib
import subprocess
import tempfile

import compare

NAME = compare.PREFIX + "one"
VOLUME = compare.PREFIX + "disk.qcow2"


def virsh(*command):
    return subprocess.run(compare.VIRSH + list(command), text=True, capture_output=True, check=False)


def main():
    vmtool = compare.program()
    compare.remove_domains()
    virsh("pool-start", "default")
    virsh("vol-delete", VOLUME, "default")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "one.yaml")
        file.write_text(compare.machine_yaml(NAME, f"disks: [{{name: root, volume: {VOLUME}}}]\n"
                                             "interfaces: [{name: lan, network: default}]\n"))
        created = subprocess.run([vmtool, "disk", "create", VOLUME, "1GiB"], check=False)
        defined = subprocess.run([vmtool, "define", "-f", str(file)], capture_output=True, text=True, check=False)
        if created.returncode != 0 or defined.returncode != 0:
            raise SystemExit(defined.stderr)
        try:
            xml = pathlib.Path(folder, "one.xml")
            xml.write_text(virsh("dumpxml", "--inactive", NAME).stdout)
            virsh("undefine", NAME)
            medians = compare.alternate({
                "vmtool": [vmtool, "define", "-f", str(file)],
                "virsh define": ["virsh", "-c", "qemu:///system", "define", str(xml)],
                "virt-install --import --noreboot": [
                    "virt-install", "--connect", "qemu:///system", "--virt-type", "qemu", "--name", NAME, "--memory", "256",
                    "--osinfo", "generic", "--import", "--noreboot", "--noautoconsole", "--graphics", "none",
                    "--disk", f"vol=default/{VOLUME},bus=virtio", "--network", "network=default,model=virtio",
                ],
            }, rounds=41, between=lambda name: virsh("undefine", NAME))
        finally:
            virsh("undefine", NAME)
            virsh("vol-delete", VOLUME, "default")
    ours = medians.pop("vmtool")
    compare.report("vmtool define", ours, medians, {"virsh define": "1.1", "virt-install --import --noreboot": "0.1"})


main()
