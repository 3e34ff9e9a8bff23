"""Times programs against each other: alternating runs, medians, and the ratio. Nothing here fails because of a time."""

import os
import statistics
import subprocess
import sys
import time

PREFIX = "vt-bench-"
VIRSH = ["virsh", "-q", "-c", "qemu:///system"]


def program():
    """The vmtool under test."""
    found = os.environ.get("VMTOOL_PROGRAM")
    if not found:
        sys.exit("VMTOOL_PROGRAM is not set: run ./bootstrap bench")
    os.environ.setdefault("LIBVIRT_DEFAULT_URI", "qemu:///system")
    return found


def rounds(wanted):
    """How often something is timed: once where VMTOOL_BENCH_SHORT is set, to see that a benchmark runs."""
    return 1 if os.environ.get("VMTOOL_BENCH_SHORT") else wanted


def seconds(command):
    """How long the command takes from spawn to end; its output goes nowhere. A failure ends the benchmark."""
    nothing = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, stream) for stream in (0, 1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    status = os.waitpid(pid, 0)[1]
    took = time.perf_counter() - start
    os.close(nothing)
    if status != 0:
        subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
        sys.exit(f"{' '.join(command)}: exit code {os.waitstatus_to_exitcode(status)}")
    return took


def alternate(candidates, count, between=lambda name: None):
    """Runs each candidate (name -> command) once a round, in turn; `between(name)` follows each run, untimed.
    The first round only warms up. Returns name -> median seconds."""
    times = {name: [] for name in candidates}
    for number in range(count + 1):
        for name, command in candidates.items():
            took = seconds(command)
            between(name)
            if number > 0:
                times[name].append(took)
    return {name: statistics.median(values) for name, values in times.items()}


def report(what, ours, peers, goals=None):
    """One line a peer: our time, its time, the ratio, and the ratio that is aimed at."""
    for name, peer in peers.items():
        goal = f"   (goal: {goals[name]})" if goals and name in goals else ""
        print(f"{what:<28} {ours * 1000:9.1f} ms   {name:<32} {peer * 1000:9.1f} ms   ratio {ours / peer:6.3f}{goal}", flush=True)


def virsh_script(lines):
    """Runs many virsh commands in one process."""
    done = subprocess.run(VIRSH, input="\n".join(lines) + "\n", text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"virsh: {done.stderr}")


def domains():
    """The names of all benchmark domains."""
    listed = subprocess.run(VIRSH + ["list", "--all", "--name"], text=True, capture_output=True, check=True).stdout
    return [name for name in listed.split() if name.startswith(PREFIX)]


def remove_domains():
    """Undefines every benchmark domain."""
    names = domains()
    if names:
        virsh_script([f"undefine {name}" for name in names])


def machine_yaml(name, rest=""):
    """A machine without disks and interfaces."""
    return f"kind: VirtualMachine\nname: {name}\ndomainType: qemu\nmemory: {{size: 256MiB}}\n{rest}"
