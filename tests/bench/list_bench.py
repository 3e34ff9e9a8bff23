#!/usr/bin/env python3
"""Listing a host with 1,000 defined machines."""

import pathlib
import tempfile

import compare

COUNT = 1000


def main():
    vmtool = compare.program()
    compare.remove_domains()
    try:
        with tempfile.TemporaryDirectory() as folder:
            script = []
            for number in range(COUNT):
                file = pathlib.Path(folder, f"{number}.xml")
                file.write_text(f"<domain type='qemu'><name>{compare.PREFIX}{number}</name><memory unit='MiB'>256</memory>"
                                "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>")
                script.append(f"define {file}")
            compare.virsh_script(script)
        medians = compare.alternate({
            "vmtool": [vmtool, "list"],
            "virsh list --all": ["virsh", "-c", "qemu:///system", "list", "--all"],
        }, rounds=11)
    finally:
        compare.remove_domains()
    ours = medians.pop("vmtool")
    compare.report(f"vmtool list, {COUNT} machines", ours, medians, {"virsh list --all": "0.3"})


main()
