#!/usr/bin/env python3
"""What needs no connection against the quickest thing that virsh can do."""

import pathlib
import tempfile

import compare


def main():
    vmtool = compare.program()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "web.yaml")
        file.write_text(compare.machine_yaml("web", "disks: [{name: root, capacity: 20GiB}]\n"
                                             "interfaces: [{name: lan, network: default}]\n"))
        peer = "virsh --version"
        medians = compare.alternate({
            "--help": [vmtool, "--help"],
            "validate": [vmtool, "validate", "-f", str(file)],
            "render": [vmtool, "render", "-f", str(file)],
            peer: ["virsh", "--version"],
        }, rounds=40)
    for command in ("--help", "validate", "render"):
        compare.report(f"vmtool {command}", medians[command], {peer: medians[peer]}, {peer: "0.35"})


main()
