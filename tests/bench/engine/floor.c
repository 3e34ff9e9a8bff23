/* floor LOWER UPPER WORK MERGED: the least that a container of that kind can cost: six namespaces, overlay, pivot_root, the
 * usual mounts and nodes, masked and read-only paths, three cgroups with limits, `/bin/busybox true`, and all of it
 * removed again. No configuration, no checks, no capabilities, no filter. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(long result, const char* what) {
  if (result >= 0) return;
  perror(what);
  _exit(1);
}

static void put(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  must(file, path);
  must(write(file, text, strlen(text)), path);
  close(file);
}

static const char* const groups[3][3] = {{"memory", "memory.limit_in_bytes", "104857600"},
                                         {"pids", "pids.max", "100"},
                                         {"cpu", "cpu.cfs_quota_us", "200000"}};

static void contain(char** argv, const char group[3][128]) {
  char text[1024];
  for (int i = 0; i < 3; ++i) {
    snprintf(text, sizeof text, "%s/cgroup.procs", group[i]);
    put(text, "0");
  }
  must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
  must(setsid(), "setsid");
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
  snprintf(text, sizeof text, "lowerdir=%s,upperdir=%s,workdir=%s", argv[1], argv[2], argv[3]);
  must(mount("overlay", argv[4], "overlay", 0, text), "overlay");
  must(chdir(argv[4]), "chdir");
  must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "proc");
  must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=65536k"), "dev");
  const int nodes[6][2] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}};
  const char* const names[6] = {"dev/null", "dev/zero", "dev/full", "dev/random", "dev/urandom", "dev/tty"};
  for (int i = 0; i < 6; ++i)
    must(mknod(names[i], S_IFCHR | 0666, makedev((unsigned)nodes[i][0], (unsigned)nodes[i][1])), names[i]);
  mkdir("dev/pts", 0755);
  mkdir("dev/shm", 0755);
  mkdir("dev/mqueue", 0755);
  must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"), "devpts");
  must(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=65536k"), "shm");
  must(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mqueue");
  must(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL), "sysfs");
  const char* const read_only[5] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
  for (int i = 0; i < 5; ++i) {
    if (mount(read_only[i], read_only[i], NULL, MS_BIND, NULL) == 0)
      mount(NULL, read_only[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
  }
  mount("dev/null", "proc/keys", NULL, MS_BIND, NULL);
  mount("dev/null", "proc/timer_list", NULL, MS_BIND, NULL);
  mount("tmpfs", "sys/firmware", "tmpfs", MS_RDONLY, NULL);
  must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  must(umount2(".", MNT_DETACH), "umount");
  must(chdir("/"), "chdir /");
  must(sethostname("floor", 5), "hostname");
  char* const program[] = {"/bin/busybox", "true", NULL};
  char* const environment[] = {"PATH=/bin", NULL};
  execve(program[0], program, environment);
  _exit(127);
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  char group[3][128];
  char text[256];
  for (int i = 0; i < 3; ++i) {
    snprintf(group[i], sizeof group[i], "/sys/fs/cgroup/%s/floor-%d", groups[i][0], getpid());
    must(mkdir(group[i], 0755), group[i]);
    snprintf(text, sizeof text, "%s/%s", group[i], groups[i][1]);
    put(text, groups[i][2]);
  }
  const unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD;
  const long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
  must(pid, "clone");
  if (pid == 0) contain(argv, group);
  int status = 0;
  waitpid((pid_t)pid, &status, 0);
  for (int i = 0; i < 3; ++i) rmdir(group[i]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
