#!/usr/bin/env python3
"""vmtool's containers against podman's with crun, on the same root filesystem: `run --rm true`, `exec true`, the start of many
detached containers from one file, and the memory that each idle one costs. To be run in a cell (tests/support/cell.sh v1), which crun
takes for a host it knows. Nothing fails because of a time."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import compare

COUNT = 100
ROUNDS = 15


class Scene:
    """A busybox root, a state of vmtool's and a store of podman's, all of their own."""

    def __init__(self, base):
        self.base = base
        self.root = base / "root"
        for name in ("bin", "etc", "proc", "sys", "dev", "tmp"):
            (self.root / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", self.root / "bin")
        for name in ("sh", "true", "sleep"):
            (self.root / "bin" / name).symlink_to("busybox")
        os.environ["VMTOOL_STATE_DIR"] = str(base / "state")
        os.environ["VMTOOL_RUN_DIR"] = str(base / "run")
        # vmtool looks for no machines then.
        os.environ["LIBVIRT_DEFAULT_URI"] = "qemu+unix:///system?socket=/nonexistent/sock"
        self.vmtool = [compare.program()]
        # Elsewhere than a directory of its own, podman would share the host's images and containers. A host without
        # CAP_SYS_RESOURCE can't raise limits, which podman does by default.
        self.podman = ["podman", "--root", str(base / "podman"), "--runroot", str(base / "podman-run"), "--tmpdir", str(base / "podman-tmp"),
                       "--cgroup-manager", "cgroupfs", "--runtime", "crun"]
        self.limits = ["--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
        archive = base / "root.tar"
        subprocess.run(["tar", "-C", self.root, "-cf", archive, "."], check=True)
        subprocess.run([*self.podman, "import", "-q", archive, "local/busybox"], check=True, stdout=subprocess.DEVNULL)

    def manifest(self, prefix, count):
        """A file with many sleepers."""
        text = "---\n".join(f"kind: Container\nname: {prefix}{i}\nrootfs: {{layers: [{self.root}]}}\nprocess: {{args: [/bin/sleep, '600']}}\nstopTimeout: 1s\n" for i in range(count))
        path = self.base / f"{prefix}.yaml"
        path.write_text(text)
        return path


def quiet(command):
    """Runs a command whose failure ends the benchmark."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def bench_run(scene):
    ours = [*scene.vmtool, "run", "--rm", "--rootfs", str(scene.root), "true"]
    theirs = [*scene.podman, "run", "--rm", *scene.limits, "local/busybox", "true"]
    times = compare.alternate({"vmtool": ours, "podman": theirs}, ROUNDS)
    compare.report("run --rm true", times["vmtool"], {"podman with crun": times["podman"]}, {"podman with crun": "≤ 0.2"})


def bench_exec(scene):
    quiet([*scene.vmtool, "run", "-d", "--name", "idle", "--rootfs", str(scene.root), "sleep", "600"])
    quiet([*scene.podman, "run", "-d", "--name", "idle", *scene.limits, "local/busybox", "sleep", "600"])
    times = compare.alternate({"vmtool": [*scene.vmtool, "exec", "idle", "true"], "podman": [*scene.podman, "exec", "idle", "true"]}, ROUNDS)
    compare.report("exec true", times["vmtool"], {"podman with crun": times["podman"]}, {"podman with crun": "≤ 0.2"})
    quiet([*scene.vmtool, "delete", "--yes", "--force", "idle"])
    quiet([*scene.podman, "rm", "-f", "-t", "0", "idle"])


def proportional_kib(words):
    """The proportional set size of all processes whose command line has one of the words."""
    total = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if not any(word in line for word in words) or process.name == str(os.getpid()):
                continue
            total += sum(int(row.split()[1]) for row in (process / "smaps_rollup").read_text().splitlines() if row.startswith("Pss:"))
        except (OSError, ProcessLookupError):
            continue
    return total


def bench_many(scene):
    names = [f"many{i}" for i in range(COUNT)]
    file = scene.manifest("many", COUNT)
    start = time.perf_counter()
    quiet([*scene.vmtool, "define", "-q", "-f", str(file)])
    quiet([*scene.vmtool, "start", "-q", *names])
    ours = time.perf_counter() - start
    our_memory = proportional_kib([str(scene.base / "run"), "/bin/sleep 600"])
    quiet([*scene.vmtool, "delete", "-q", "--yes", "--force", *names])
    # podman has no such file for containers without a pod: a loop, which costs it a process start each as it does a user.
    start = time.perf_counter()
    for name in names:
        quiet([*scene.podman, "run", "-d", "--name", name, *scene.limits, "local/busybox", "/bin/sleep", "600"])
    theirs = time.perf_counter() - start
    their_memory = proportional_kib([str(scene.base / "podman"), "/bin/sleep 600"])
    quiet([*scene.podman, "rm", "-f", "-t", "0", *names])
    compare.report(f"{COUNT} detached from one file", ours, {"podman with crun": theirs}, {"podman with crun": "≤ 0.2"})
    print(f"memory per idle container      {our_memory / COUNT:9.0f} KiB  podman with crun                 {their_memory / COUNT:9.0f} KiB  (goal: not more)")


def main():
    if os.geteuid() != 0 or not shutil.which("podman"):
        sys.exit("this needs root and podman")
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as base:
        scene = Scene(pathlib.Path(base))
        bench_run(scene)
        bench_exec(scene)
        bench_many(scene)


main()
