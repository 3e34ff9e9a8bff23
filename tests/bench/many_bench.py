#!/usr/bin/env python3
"""Defining 1,000 machines without disks: one file on one connection against 1,000 runs of `virsh define`."""

import pathlib
import statistics
import subprocess
import tempfile

import compare

COUNT = 1000
ROUNDS = 3


def main():
    vmtool = compare.program()
    compare.remove_domains()
    ours, peer = [], []
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "many.yaml")
            file.write_text("---\n".join(compare.machine_yaml(f"{compare.PREFIX}{number}") for number in range(COUNT)))
            defined = subprocess.run([vmtool, "define", "-f", str(file)], capture_output=True, text=True, check=False)
            if defined.returncode != 0:
                raise SystemExit(defined.stderr)
            texts = []
            for name in compare.domains():
                xml = pathlib.Path(folder, f"{name}.xml")
                xml.write_text(subprocess.run(compare.VIRSH + ["dumpxml", "--inactive", name], text=True,
                                              capture_output=True, check=True).stdout)
                texts.append(str(xml))
            for _ in range(ROUNDS):
                compare.remove_domains()
                ours.append(compare.seconds([vmtool, "define", "-f", str(file)]))
                compare.remove_domains()
                peer.append(sum(compare.seconds(["virsh", "-c", "qemu:///system", "define", text]) for text in texts))
    finally:
        compare.remove_domains()
    name = f"{COUNT} x virsh define"
    compare.report(f"vmtool define, {COUNT} machines", statistics.median(ours), {name: statistics.median(peer)}, {name: "0.1"})


main()
