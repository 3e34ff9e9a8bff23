#!/usr/bin/env python3
"""isolate beside crun, runc, bubblewrap and a floor program in C, interleaved: start-to-exit of `true`, exec, peak memory,
and many at once. Prints medians, ratios, and what each ratio must and should be. Runs itself in a cell of cgroups."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import typing

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = int(os.environ.get("ROUNDS", "60"))
MANY = int(os.environ.get("MANY", "500"))
CAPABILITIES = ["CAP_" + name for name in ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
                                           "NET_BIND_SERVICE", "SYS_CHROOT", "SETFCAP")]
NAMESPACES = ["pid", "network", "ipc", "uts", "mount", "cgroup"]


def podman_profile():
    """The profile that podman would hand to a runtime: its rules for this architecture and these capabilities."""
    source = json.loads(pathlib.Path("/usr/share/containers/seccomp.json").read_text())
    rules = []
    for rule in source["syscalls"]:
        include, exclude = rule.get("includes") or {}, rule.get("excludes") or {}
        if "amd64" not in include.get("arches", ["amd64"]) or not set(include.get("caps", [])) <= set(CAPABILITIES):
            continue
        if set(exclude.get("caps", [])) & set(CAPABILITIES) or "amd64" in exclude.get("arches", []):
            continue
        rules.append({key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key) not in (None, [])})
    return {"defaultAction": source["defaultAction"], "defaultErrnoRet": source["defaultErrnoRet"],
            "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": rules}


class Figure(typing.NamedTuple):
    """Times in milliseconds, memory in KiB."""

    median: float
    least: float
    cpu: float
    total: float
    peak: float
    failures: float


class Scene:
    """A busybox root, bundles that use it, and the programs."""

    def __init__(self, work):
        self.work = pathlib.Path(work)
        self.root = self.work / "rootfs"
        for name in ("bin", "proc", "sys", "dev", "etc"):
            (self.root / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", self.root / "bin/busybox")
        for name in ("true", "sleep"):
            (self.root / "bin" / name).symlink_to("busybox")
        for name in ("spawn", "floor"):
            subprocess.run(["cc", "-O2", "-static", "-o", self.work / name, HERE / "engine" / f"{name}.c"], check=True)
        self.isolate = [os.environ["VMTOOL_ISOLATE"], "--root", str(self.work / "isolate")]
        self.peers = {name: [shutil.which(name), "--root", str(self.work / name)] for name in ("crun", "runc") if shutil.which(name)}

    def bundle(self, name, words, group, overlay=False, seccomp=None):
        """Writes a bundle and gives its path."""
        path = self.work / name
        for folder in ("merged", "upper", "work"):
            (path / folder).mkdir(parents=True)

        def mount(destination, kind, *options):
            return {"destination": destination, "type": kind, "source": kind, "options": list(options)}
        mounts = [mount("/proc", "proc"), mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                  mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
                  mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                  mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                  mount("/sys", "sysfs", "nosuid", "noexec", "nodev", "ro")]
        if overlay:
            mounts.insert(0, mount("/", "overlay", f"lowerdir+={self.root}", "upperdir=upper", "workdir=work"))
        config = {
            "ociVersion": "1.0.2", "root": {"path": "merged" if overlay else str(self.root)}, "hostname": "bench", "mounts": mounts,
            "process": {"args": words, "env": ["PATH=/bin"], "cwd": "/", "user": {"uid": 0, "gid": 0}, "noNewPrivileges": True,
                        "capabilities": {key: CAPABILITIES for key in ("bounding", "effective", "permitted")}},
            "linux": {"namespaces": [{"type": kind} for kind in NAMESPACES], "cgroupsPath": group,
                      "resources": {"memory": {"limit": 100 << 20}, "pids": {"limit": 100}, "cpu": {"quota": 200000, "period": 100000}},
                      "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
                      "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]}}
        if seccomp:
            config["linux"]["seccomp"] = seccomp
        (path / "config.json").write_text(json.dumps(config))
        return str(path)

    def spawn(self, rounds, commands):
        """Times commands (name -> words) in turn and gives a Figure for each. A failure is told."""
        text = "".join("\t".join([name, *map(str, words)]) + "\n" for name, words in commands.items())
        done = subprocess.run([self.work / "spawn", str(rounds)], input=text, text=True, capture_output=True, check=True)
        out = {}
        for line in done.stdout.splitlines():
            name, *numbers = line.split("\t")
            out[name] = Figure(*map(float, numbers))
            if out[name].failures:
                print(f"  {name}: {out[name].failures:.0f} of {rounds} runs FAILED: not a valid figure")
        return out


def show(figures):
    """A line each."""
    for name, figure in figures.items():
        print(f"  {name:<28} {figure.median:8.2f} ms, least {figure.least:7.2f}, CPU {figure.cpu:7.2f}   peak {figure.peak:.0f} KiB")


def compare(what, ours, peer, must, goal):
    """One ratio, with what it must and should be."""
    value = ours / peer
    verdict = "goal" if value <= goal else "met" if value <= must else "MISSED"
    print(f"  {what:<58} {value:6.2f}   must <= {must}, goal <= {goal}: {verdict}", flush=True)


def bench_run(scene):
    """Start to exit of `true`."""
    profile = podman_profile()
    own = scene.bundle("own", ["/bin/true"], "/vmtool/own", overlay=True)
    own_profile = scene.bundle("own-profile", ["/bin/true"], "/vmtool/own-profile", overlay=True, seccomp=profile)
    plain = scene.bundle("plain", ["/bin/true"], "/vmtool/plain")
    full = scene.bundle("full", ["/bin/true"], "/vmtool/full", seccomp=profile)
    floor = scene.work / "floor-dirs"
    for name in ("upper", "work", "merged"):
        (floor / name).mkdir(parents=True)
    commands = {"isolate": [*scene.isolate, "run", "-b", own, "own@"],
                "isolate, podman's filter": [*scene.isolate, "run", "-b", own_profile, "profile@"],
                "floor": [scene.work / "floor", scene.root, floor / "upper", floor / "work", floor / "merged"]}
    for name, peer in scene.peers.items():
        commands[name] = [*peer, "run", "-b", plain, "plain@"]
        commands[f"{name}, podman's filter"] = [*peer, "run", "-b", full, "full@"]
    if shutil.which("bwrap"):
        commands["bwrap"] = [shutil.which("bwrap"), "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
                             "--bind", scene.root, "/", "--proc", "/proc", "--dev", "/dev", "/bin/true"]
    scene.spawn(3, commands)
    figures = scene.spawn(ROUNDS, commands)
    print(f"start to exit of true, median of {ROUNDS}")
    show(figures)
    ours = figures["isolate"].median
    if "crun" in figures:
        compare("isolate / crun with podman's filter", ours, figures["crun, podman's filter"].median, 0.25, 0.16)
        compare("isolate with podman's filter / crun with it", figures["isolate, podman's filter"].median, figures["crun, podman's filter"].median, 0.25, 0.16)
        compare("isolate / crun without a filter", ours, figures["crun"].median, 0.65, 0.5)
    if "bwrap" in figures:
        compare("isolate / bwrap (no limits, filter, overlay)", ours, figures["bwrap"].median, 1.3, 1.0)
    compare("isolate / floor", ours, figures["floor"].median, 1.7, 1.35)
    compare("peak RSS of isolate in MB", figures["isolate"].peak / 1000, 1, 3.0, 2.0)


def bench_exec(scene):
    """A further `true` in a running container."""
    profile = podman_profile()
    subprocess.run([*scene.isolate, "run", "-d", "-b", scene.bundle("sleep", ["/bin/sleep", "600"], "/vmtool/sleep", overlay=True), "sleep"], check=True)
    commands = {"isolate": [*scene.isolate, "exec", "sleep", "/bin/true"]}
    for name, peer in scene.peers.items():
        if name == "runc":
            continue   # its exec wants the cgroup of systemd's own hierarchy, which a cell does not have
        subprocess.run([*peer, "run", "-d", "-b", scene.bundle(f"sleep-{name}", ["/bin/sleep", "600"], f"/vmtool/sleep-{name}", seccomp=profile), "sleep"], check=True)
        commands[name] = [*peer, "exec", "sleep", "/bin/true"]
    figures = scene.spawn(ROUNDS, commands)
    print("exec of true")
    show(figures)
    if "crun" in figures:
        compare("isolate exec / crun exec with podman's filter", figures["isolate"].median, figures["crun"].median, 0.5, 0.3)
    for name in commands:
        subprocess.run([*(scene.isolate if name == "isolate" else scene.peers[name]), "delete", "--force", "sleep"], check=True)


def bench_many(scene):
    """Many sleepers, one after another; then all removed."""
    totals = {}
    ours = {"isolate": scene.isolate, **({"crun": scene.peers["crun"]} if "crun" in scene.peers else {})}
    true = scene.bundle("beside", ["/bin/true"], "/vmtool/beside", overlay=True)
    beside = {"isolate": [*scene.isolate, "run", "-b", true, "beside@"]}
    for name, peer in ours.items():
        for number in range(MANY):
            scene.bundle(f"many-{name}-{number}", ["/bin/sleep", "600"], f"/vmtool/{name}-{number}", overlay=name == "isolate")
        alone = scene.spawn(20, beside)["isolate"].median
        start = scene.spawn(MANY, {name: [*peer, "run", "-d", "-b", f"{scene.work}/many-{name}-@", f"many-{name}-@"]})[name]
        crowded = scene.spawn(20, beside)["isolate"].median
        if name == "isolate":   # it takes all of them at once
            stop = scene.spawn(1, {name: [*peer, "delete", "--force", *(f"many-{name}-{number}" for number in range(MANY))]})[name]
        else:
            stop = scene.spawn(MANY, {name: [*peer, "delete", "--force", f"many-{name}-@"]})[name]
        totals[name] = (start.total, stop.total)
        print(f"{MANY} sleepers, {name}: started in {start.total / 1000:.2f} s (median {start.median:.2f} ms), removed in {stop.total / 1000:.2f} s")
        if name == "isolate":
            compare(f"isolate's true with {MANY} running / alone", crowded, alone, 1.8, 1.5)
    if "crun" in totals:
        compare("start of all, isolate / crun", totals["isolate"][0], totals["crun"][0], 0.6, 0.4)
        compare("stop of all, isolate / crun", totals["isolate"][1], totals["crun"][1], 0.2, 0.08)


def main():
    if os.geteuid() != 0:
        sys.exit("engine_bench.py: not root")
    if "VMTOOL_CELL" not in os.environ:
        cell = HERE.parent / "support/cell.sh"
        os.execv(cell, [str(cell), "v1", "bench", sys.executable, __file__])
    if "VMTOOL_CELL" not in os.environ:
        sys.exit("engine_bench.py: no cell can be made here")
    with tempfile.TemporaryDirectory(prefix="vmtool-bench-") as work:
        scene = Scene(work)
        bench_run(scene)
        bench_exec(scene)
        if MANY:
            bench_many(scene)


main()
