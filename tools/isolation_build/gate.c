/* The last program of the engine inside a container, freestanding: it lies in a sealed memfd of a few kilobytes, so
 * whatever the container does with /proc/PID/exe of the process that becomes its program, it finds only this.
 *
 *   argv: MODE+DESCRIPTOR PROGRAM ARG0 ARG1 …
 *   mode x: execve PROGRAM. Mode i: stay as a minimal init: run PROGRAM as a child, forward signals, reap, end with
 *   its code (128+n for a signal). On a failure two 32-bit words go to DESCRIPTOR: 0xffffffff and the errno. */
#include <stddef.h>
#include <stdint.h>
#include <asm/unistd.h>

#if defined(__x86_64__)
static long call(long n, long a, long b, long c, long d, long e) {
  long r;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return r;
}
__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall begin\n\thlt\n");
#elif defined(__aarch64__)
static long call(long n, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = n;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
__asm__(".globl _start\n_start:\n\tmov x29,#0\n\tmov x0,sp\n\tbl begin\n");
#else
#error "the gate has no system call entry for this architecture"
#endif

enum { set_dumpable = 4, f_setfd = 2, sig_setmask = 2, sigkill = 9, sigchld = 17, wnohang = 1 };

static long wait_for_signal(const uint64_t* set) { return call(__NR_rt_sigtimedwait, (long)set, 0, 0, sizeof *set, 0); }

static void run_program(char** argv, char** envp, long report) {
  const long error = call(__NR_execve, (long)argv[1], (long)(argv + 2), (long)envp, 0, 0);
  const int32_t failure[2] = {-1, (int32_t)-error};
  call(__NR_write, report, (long)failure, sizeof failure, 0, 0);
  call(__NR_exit_group, error == -2 ? 127 : 126, 0, 0, 0, 0);
}

static void be_init(char** argv, char** envp, long report) {
  const uint64_t all = ~(uint64_t)0;
  const uint64_t none = 0;
  call(__NR_rt_sigprocmask, sig_setmask, (long)&all, 0, sizeof all, 0);
  const long child = call(__NR_clone, sigchld, 0, 0, 0, 0);
  if (child == 0) {
    call(__NR_rt_sigprocmask, sig_setmask, (long)&none, 0, sizeof none, 0);
    run_program(argv, envp, report);
  }
  call(__NR_close, report, 0, 0, 0, 0);
  for (;;) {
    const long number = wait_for_signal(&all);
    if (number > 0 && number != sigchld) call(__NR_kill, child, number, 0, 0, 0);
    if (number != sigchld) continue;
    for (;;) {
      int32_t status = 0;
      const long ended = call(__NR_wait4, -1, (long)&status, wnohang, 0, 0);
      if (ended <= 0) break;
      if (ended != child) continue;
      const int signal = status & 0x7f;
      call(__NR_exit_group, signal != 0 ? 128 + signal : (status >> 8) & 0xff, 0, 0, 0, 0);
    }
  }
}

void begin(long* stack);
void begin(long* stack) {
  const long argc = stack[0];
  char** argv = (char**)(stack + 1);
  char** envp = argv + argc + 1;
  long report = 0;
  if (argc < 3) call(__NR_exit_group, 125, 0, 0, 0, 0);
  call(__NR_prctl, set_dumpable, 0, 0, 0, 0);
  for (const char* digit = argv[0] + 1; *digit != 0; ++digit) report = report * 10 + (*digit - '0');
  call(__NR_fcntl, report, f_setfd, 1, 0, 0);
  if (argv[0][0] == 'i') be_init(argv, envp, report);
  run_program(argv, envp, report);
}
