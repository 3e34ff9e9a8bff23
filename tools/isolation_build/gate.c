/* The last program of the engine inside a container, freestanding: it lies in a sealed memfd of a few kilobytes, so
 * whatever the container does with /proc/PID/exe of the process that becomes its program, it finds only this.
 *
 *   argv: MODE+DESCRIPTOR PROGRAM ARG0 ARG1 …
 *   mode x: execve PROGRAM. Mode i: stay as a minimal init: run PROGRAM as a child, forward signals, reap, end with
 *   its code (128+n for a signal). On a failure two 32-bit words go to DESCRIPTOR: 0xffffffff and the errno. */
#include <stddef.h>
#include <stdint.h>
#include "system_call.h"

enum { set_dumpable = 4, f_setfd = 2, sig_setmask = 2, sigkill = 9, sigchld = 17, wnohang = 1 };

static long wait_for_signal(const uint64_t* set) {
  return system_call(__NR_rt_sigtimedwait, (long)set, 0, 0, sizeof *set, 0);
}

static void run_program(char** argv, char** envp, long report) {
  const long error = system_call(__NR_execve, (long)argv[1], (long)(argv + 2), (long)envp, 0, 0);
  const int32_t failure[2] = {-1, (int32_t)-error};
  system_call(__NR_write, report, (long)failure, sizeof failure, 0, 0);
  system_call(__NR_exit_group, error == -2 ? 127 : 126, 0, 0, 0, 0);
}

static void be_init(char** argv, char** envp, long report) {
  const uint64_t all = ~(uint64_t)0;
  const uint64_t none = 0;
  system_call(__NR_rt_sigprocmask, sig_setmask, (long)&all, 0, sizeof all, 0);
  const long child = system_call(__NR_clone, sigchld, 0, 0, 0, 0);
  if (child == 0) {
    system_call(__NR_rt_sigprocmask, sig_setmask, (long)&none, 0, sizeof none, 0);
    run_program(argv, envp, report);
  }
  system_call(__NR_close, report, 0, 0, 0, 0);
  for (;;) {
    const long number = wait_for_signal(&all);
    if (number > 0 && number != sigchld) system_call(__NR_kill, child, number, 0, 0, 0);
    if (number != sigchld) continue;
    for (;;) {
      int32_t status = 0;
      const long ended = system_call(__NR_wait4, -1, (long)&status, wnohang, 0, 0);
      if (ended <= 0) break;
      if (ended != child) continue;
      const int signal = status & 0x7f;
      system_call(__NR_exit_group, signal != 0 ? 128 + signal : (status >> 8) & 0xff, 0, 0, 0, 0);
    }
  }
}

void begin(long* stack);
void begin(long* stack) {
  const long argc = stack[0];
  char** argv = (char**)(stack + 1);
  char** envp = argv + argc + 1;
  long report = 0;
  if (argc < 3) system_call(__NR_exit_group, 125, 0, 0, 0, 0);
  system_call(__NR_prctl, set_dumpable, 0, 0, 0, 0);
  for (const char* digit = argv[0] + 1; *digit != 0; ++digit) report = report * 10 + (*digit - '0');
  system_call(__NR_fcntl, report, f_setfd, 1, 0, 0);
  if (argv[0][0] == 'i') be_init(argv, envp, report);
  run_program(argv, envp, report);
}
