// What stays of `isolate supervise` while a container runs: some ten pages of memory. It writes the log, serves the
// console, passes a stop on and hears the end; everything else is done by `isolate`, which it becomes again then.
//
//   argv[1]   numbers, in the order of Setup
//   argv[2…]  the words of that `isolate`; the one at `place` is replaced by how the container ended: exit:CODE, signal:N,
//             gone (it was not our child), stuck (SIGKILL did not end it), pause (the pause is over); ",stop" behind it
//             where a stop was asked for meanwhile
#include "console.hpp"
#include "kernel.hpp"
#include "log.hpp"
#include "text.hpp"

extern "C" {
void* memset(void* to, int value, size_t size);
void* memcpy(void* to, const void* from, size_t size);
void begin(long* stack);
}

void* memset(void* to, int value, size_t size) {
  auto* bytes = static_cast<volatile char*>(to);
  while (size-- > 0) *bytes++ = static_cast<char>(value);
  return to;
}

void* memcpy(void* to, const void* from, size_t size) {
  auto* bytes = static_cast<volatile char*>(to);
  const auto* source = static_cast<const char*>(from);
  while (size-- > 0) *bytes++ = *source++;
  return to;
}

namespace keeper {
namespace {

struct Setup {
  int process;    // pidfd; -1: none runs, only the pause is waited for
  int first;      // what standard output is read from, or the terminal
  int second;     // what standard error is read from; -1: the first is a terminal
  int directory;  // where the log lies
  int listener;
  int program;  // O_PATH descriptor of isolate
  int64_t log_size;
  int64_t log_files;
  int stop_signal;
  int64_t stop_timeout;  // ms
  int64_t pause;         // ms
  int64_t place;
};

Setup read_setup(const char* text) {
  const auto next = [&] { return take_number(text); };
  const auto descriptor = [&] { return static_cast<int>(take_number(text)); };
  return {descriptor(), descriptor(), descriptor(), descriptor(), descriptor(), descriptor(),
          next(),       next(),       descriptor(), next(),       next(),       next()};
}

/// A stream that hung up is looked at again after a while: the container may open it once more.
struct Stream {
  int descriptor;
  const char* name;
  int64_t quiet_until = 0;
};

class Keeper {
 public:
  Keeper(const Setup& setup, char** argv, char** envp)
      : setup_(setup),
        argv_(argv),
        envp_(envp),
        log_(setup.directory, setup.log_size, setup.log_files),
        console_(setup.process >= 0 ? setup.listener : -1),
        streams_{{setup.first, "stdout"}, {setup.second, "stderr"}} {
    const uint64_t stop = uint64_t{1} << (sig_term - 1);
    constexpr int nonblocking_close_on_exec = 04000 | 02000000;
    signals_ = static_cast<int>(kernel(__NR_signalfd4, -1, address(&stop), sizeof stop, nonblocking_close_on_exec));
    if (setup.process < 0) deadline_ = now_ms() + setup.pause;
  }

  [[noreturn]] void run() {
    for (;;) {
      PollEntry entries[4 + 1 + Console::most];
      wait(entries);
      if (entries[0].returned != 0) end(nullptr);
      if (entries[1].returned != 0) hear_stop();
      for (int i = 0; i < 2; ++i) {
        if (entries[2 + i].returned != 0) follow(streams_[i], entries[2 + i].returned);
      }
      if (is_terminal() && (entries[2].returned & poll_out) != 0) pass_input();
      char ignored[512];
      const bool terminal = is_terminal();
      const size_t got =
          console_.serve(entries + 4, terminal ? input_ : ignored, terminal ? sizeof input_ : sizeof ignored);
      if (terminal && got > 0) {
        input_size_ = got;
        input_done_ = 0;
        pass_input();
      }
      if (deadline_ >= 0 && now_ms() >= deadline_) pass_deadline();
    }
  }

 private:
  bool is_terminal() const { return setup_.second < 0 && setup_.first >= 0; }
  bool has_input() const { return input_done_ < input_size_; }

  void wait(PollEntry* entries) {
    int64_t until = deadline_;
    entries[0] = {setup_.process, poll_in, 0};
    entries[1] = {signals_, poll_in, 0};
    for (int i = 0; i < 2; ++i) {
      const bool quiet = streams_[i].quiet_until > now_ms();
      if (quiet && (until < 0 || streams_[i].quiet_until < until)) until = streams_[i].quiet_until;
      const bool sends = i == 0 && is_terminal() && has_input();
      entries[2 + i] = {quiet ? -1 : streams_[i].descriptor, static_cast<short>(poll_in | (sends ? poll_out : 0)), 0};
    }
    console_.watch(entries + 4, !has_input());
    TimeSpec left{};
    if (until >= 0) {
      const int64_t now = now_ms();
      const int64_t rest = until > now ? until - now : 0;
      left = {rest / 1000, rest % 1000 * 1'000'000};
    }
    if (kernel(__NR_ppoll, address(entries), 4 + 1 + Console::most, until >= 0 ? address(&left) : 0, 0, 8) <= 0) {
      for (int i = 0; i < 4 + 1 + Console::most; ++i) entries[i].returned = 0;
    }
  }

  /// Reads once; false where there was nothing.
  bool copy(const Stream& stream) {
    const long got = read(stream.descriptor, buffer_, sizeof buffer_);
    if (got <= 0) return false;
    log_.write(stream.name, buffer_, static_cast<size_t>(got));
    console_.send_all(buffer_, static_cast<size_t>(got));
    return true;
  }

  void follow(Stream& stream, short returned) {
    const bool had = (returned & poll_in) != 0 && copy(stream);
    if (!had && (returned & (poll_hang_up | poll_error)) != 0) stream.quiet_until = now_ms() + 500;
  }

  void pass_input() {
    while (has_input()) {
      const long wrote = write(setup_.first, input_ + input_done_, input_size_ - input_done_);
      if (wrote == err_again) return;
      input_done_ = wrote > 0 ? input_done_ + static_cast<size_t>(wrote) : input_size_;
    }
  }

  void hear_stop() {
    char information[128];
    if (read(signals_, information, sizeof information) <= 0 || stopping_) return;
    stopping_ = true;
    if (setup_.process < 0) end("pause");
    kernel(__NR_pidfd_send_signal, setup_.process, setup_.stop_signal, 0, 0);
    deadline_ = now_ms() + setup_.stop_timeout;
  }

  void pass_deadline() {
    if (setup_.process < 0) end("pause");
    if (killed_) end("stuck");
    killed_ = true;
    kernel(__NR_pidfd_send_signal, setup_.process, sig_kill, 0, 0);
    deadline_ = now_ms() + 5000;
  }

  /// How the process ended, as waitid(2) tells.
  Text<32> ending() const {
    struct {
      int number, error, code, unused;
      int pid, user, status;
      char rest[128 - 7 * 4];
    } information{};
    constexpr int by_pidfd = 3, exited = 4, code_exited = 1;
    Text<32> out;
    if (kernel(__NR_waitid, by_pidfd, setup_.process, address(&information), exited, 0) != 0) return out.add("gone");
    return out.add(information.code == code_exited ? "exit:" : "signal:")
        .add(static_cast<uint64_t>(information.status));
  }

  [[noreturn]] void end(const char* reason) {
    if (setup_.process >= 0) {
      // What it wrote last; a bound, in case that somebody else still writes.
      for (const Stream& stream : streams_) {
        for (int round = 0; round < 256 && stream.descriptor >= 0 && copy(stream); ++round) {
        }
      }
    }
    Text<32> how = reason != nullptr ? Text<32>().add(reason) : ending();
    if (stopping_) how.add(",stop");
    argv_[setup_.place] = const_cast<char*>(how.data());
    kernel(__NR_execveat, setup_.program, address(""), address(argv_), address(envp_), at_empty_path);
    kernel(__NR_exit_group, 125);
    __builtin_unreachable();
  }

  Setup setup_;
  char** argv_;
  char** envp_;
  Log log_;
  Console console_;
  Stream streams_[2];
  int signals_ = -1;
  int64_t deadline_ = -1;
  bool stopping_ = false;
  bool killed_ = false;
  char input_[4096];
  size_t input_size_ = 0;
  size_t input_done_ = 0;
  char buffer_[16384];
};

}  // namespace
}  // namespace keeper

void begin(long* stack) {
  const long argc = stack[0];
  char** argv = reinterpret_cast<char**>(stack + 1);
  if (argc < 4) keeper::kernel(__NR_exit_group, 125);
  constexpr int set_name = 15;
  keeper::kernel(__NR_prctl, set_name, keeper::address("isolate"));
  keeper::Keeper(keeper::read_setup(argv[1]), argv + 2, argv + argc + 1).run();
}
