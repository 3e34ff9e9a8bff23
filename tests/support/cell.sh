#!/bin/sh
# cell.sh KIND NAME COMMAND…: runs a command in a cell: an own subtree of every cgroup hierarchy, seen as the whole tree
# (cgroup namespace, hierarchies mounted afresh), and nothing of anybody else's. KIND v1 leaves the v2 tree out, which
# crun takes for a pure v1 host; hybrid shows it. The command finds VMTOOL_CELL set. Where no cell can be made (not root,
# no v1 hierarchies) the command runs without one. What was made is removed at the end.
set -eu
kind=$1
name=cell-$2-$$
shift 2
made=
for h in memory cpu cpuacct cpuset pids devices freezer blkio unified; do
  base=/sys/fs/cgroup/$h
  if [ "$h" = unified ] && [ "$kind" = v1 ]; then continue; fi
  [ -e "$base/cgroup.procs" ] || continue
  mkdir "$base/$name" 2>/dev/null || continue
  made="$made $h"
  if [ "$h" = cpuset ]; then
    cat "$base/cpuset.cpus" > "$base/$name/cpuset.cpus"
    cat "$base/cpuset.mems" > "$base/$name/cpuset.mems"
  fi
done
[ -n "$made" ] || exec "$@"
# Whatever still runs in a cell is ended with it.
remove() {
  for h in memory cpu cpuacct cpuset pids devices freezer blkio unified; do
    [ -d "/sys/fs/cgroup/$h/$1" ] || continue
    for process in $(find "/sys/fs/cgroup/$h/$1" -name cgroup.procs -exec cat {} + 2>/dev/null); do kill -9 "$process" 2>/dev/null || true; done
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
      find "/sys/fs/cgroup/$h/$1" -depth -type d -exec rmdir {} \; 2>/dev/null || true
      [ -d "/sys/fs/cgroup/$h/$1" ] || break
      sleep 0.1
    done
  done
}
trap 'remove $name' EXIT
# A cell whose script was killed is removed by the next one of the same name.
for old in /sys/fs/cgroup/*/"${name%-*}"-*; do
  [ -d "$old" ] || continue
  [ -d "/proc/${old##*-}" ] || remove "${old##*/}"
done
code=0
made="$made" name="$name" sh -c '
  set -eu
  for h in $made; do echo $$ > "/sys/fs/cgroup/$h/$name/cgroup.procs"; done
  exec unshare -C -m --propagation private sh -c "
    set -eu
    mount -t tmpfs cell /sys/fs/cgroup
    for h in $made; do
      mkdir /sys/fs/cgroup/\$h
      if [ \$h = unified ]; then mount -t cgroup2 cgroup2 /sys/fs/cgroup/\$h; else mount -t cgroup -o \$h cgroup /sys/fs/cgroup/\$h; fi
    done
    export VMTOOL_CELL=$name
    exec \"\$@\"" cell "$@"' cell "$@" || code=$?
exit $code
