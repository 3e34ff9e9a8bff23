#pragma once
// Becoming the keeper: the few pages of memory that stay of a monitor while its container runs
// (tools/isolation_build/keeper). When the container ends, the keeper becomes `isolate` again.

#include <cstdint>
#include <string>
#include <vector>

namespace vmtool::oci {

/// What the keeper is told. Descriptors are handed on; -1: there is none.
struct KeeperSetup {
  int process = -1;            ///< pidfd of the container's first process; -1: only the pause is waited for
  int output = -1;             ///< its standard output, or its terminal
  int error = -1;              ///< its standard error; -1 with a terminal
  int directory = -1;          ///< where `log` is written
  int listener = -1;           ///< of console.sock
  int lock = -1;               ///< held by being open
  std::uint64_t log_size = 0;  ///< bytes; 0: the log is never rotated
  unsigned log_files = 0;      ///< rotated files that are kept
  int stop_signal = 0;
  std::int64_t stop_timeout_ms = 0;
  std::int64_t pause_ms = 0;
  std::vector<std::string> next{};  ///< the words of the `isolate` that it becomes
  std::size_t place = 0;            ///< index in `next` of the word that is replaced by how the container ended
};

/// Replaces this process. Throws SysError where that fails.
[[noreturn]] void become_keeper(const KeeperSetup& setup);

/// How the container ended, in the keeper's words.
struct KeeperReport {
  enum class Kind { exited, signalled, gone, stuck, paused };
  Kind kind{};
  int number = 0;        ///< exit code or signal
  bool stopped = false;  ///< a stop was asked for
};

/// Reads "exit:0,stop" and the like. Throws Error{usage}.
KeeperReport read_keeper_report(const std::string& text);

}  // namespace vmtool::oci
