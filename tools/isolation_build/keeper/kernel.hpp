#pragma once
// The system calls of the keeper; all return what the kernel returns: a result, or a negative errno.

#include <stddef.h>
#include <stdint.h>

#include "../system_call.h"

namespace keeper {

template <class... A>
inline long kernel(long number, A... values) {
  // Arguments that a call does not have are never looked at.
  const long all[5 + 1] = {static_cast<long>(values)..., 0};
  return system_call(number, all[0], sizeof...(A) > 1 ? all[1] : 0, sizeof...(A) > 2 ? all[2] : 0,
                     sizeof...(A) > 3 ? all[3] : 0, sizeof...(A) > 4 ? all[4] : 0);
}

inline long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

constexpr long err_again = -11, err_interrupted = -4, err_not_there = -2;
constexpr int at_empty_path = 0x1000;
constexpr int open_append = 02000 | 0100 | 01 | 02000000;  // O_APPEND | O_CREAT | O_WRONLY | O_CLOEXEC
constexpr int open_empty = open_append | 01000;            // and O_TRUNC
constexpr int sig_kill = 9, sig_term = 15;

struct PollEntry {
  int descriptor;
  short events;
  short returned;
};
constexpr short poll_in = 1, poll_out = 4, poll_error = 8, poll_hang_up = 16;

struct TimeSpec {
  int64_t seconds;
  int64_t nanoseconds;
};

inline long read(long descriptor, void* data, size_t size) {
  return kernel(__NR_read, descriptor, address(data), size);
}
inline long write(long descriptor, const void* data, size_t size) {
  return kernel(__NR_write, descriptor, address(data), size);
}
inline long send(long socket, const void* data, size_t size) {
  constexpr int dont_wait_no_signal = 0x40 | 0x4000;
  // sendto(2) has six arguments; the address and its length are not looked at without a length.
  return kernel(__NR_sendto, socket, address(data), size, dont_wait_no_signal, 0);
}
inline void close(long descriptor) { kernel(__NR_close, descriptor); }

/// Milliseconds of a clock that never goes back.
inline int64_t now_ms() {
  TimeSpec time{};
  kernel(__NR_clock_gettime, 1, address(&time));
  return time.seconds * 1000 + time.nanoseconds / 1'000'000;
}

}  // namespace keeper
