#pragma once
// The directory of a supervised container, which others read (docs/reference/isolate.md, "Supervised containers"):
//
//   RUNDIR/monitor.lock   flock held while the monitor lives
//   RUNDIR/status.json    replaced atomically
//   RUNDIR/log, log.1 …   written by the keeper
//   RUNDIR/console.sock   while the monitor lives
//   RUNDIR/stdout, stderr fifos, while a container without a terminal runs; it holds both ends of them itself, so that
//                         neither it nor what it wrote is lost when the monitor is killed

#include <cstdint>
#include <optional>
#include <string>

#include "util/error.hpp"
#include "util/fd.hpp"

namespace vmtool::oci {

/// What status.json says.
struct MonitorStatus {
  std::string state = "exited";    ///< running, restarting, exited
  int pid = 0;                     ///< 0 where none runs
  std::string started_at{};        ///< RFC 3339
  std::string finished_at{};       ///< empty where it runs
  std::optional<int> exit_code{};  ///< 128+n for a signal n; absent where it runs or nobody knows
  int signal = 0;
  bool out_of_memory = false;
  unsigned restarts = 0;
};

class RunDirectory {
 public:
  /// Makes the directory where it is missing and takes its lock. Throws Error{conflict} where a monitor lives.
  static RunDirectory take(const std::string& path);
  /// Goes on with what the same monitor took earlier: descriptors of lock and console.sock. Throws Error{usage}.
  static RunDirectory go_on(const std::string& path, int lock, int listener);

  int descriptor() const noexcept { return directory_.get(); }
  int lock() const noexcept { return lock_.get(); }
  int listener() const noexcept { return listener_.get(); }

  /// Makes console.sock and listens there. Throws SysError.
  void listen();
  /// Makes the fifos anew; `owner` may open them again (/dev/stdout). Throws SysError.
  void make_streams(uid_t owner);
  /// A reading end that does not block; none where there is no such fifo.
  util::Fd open_reader(const char* stream) const;
  /// Both ends in one, for the container. Throws SysError.
  util::Fd open_both(const char* stream) const;

  std::optional<MonitorStatus> read_status() const;
  /// Throws SysError.
  void write_status(const MonitorStatus& status) const;
  /// A line of our own in the log, for what nobody is there to be told.
  void note(const util::Error& error) const noexcept;
  /// Removes what only a living monitor needs.
  void clean() const noexcept;
  /// Removes what a failed first start made, the directory too where take() made it.
  void discard() const noexcept;

 private:
  RunDirectory(std::string path, util::Fd directory, util::Fd lock)
      : path_(std::move(path)), directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::string path_;
  util::Fd directory_;
  util::Fd lock_;
  util::Fd listener_{};
  bool made_ = false;
};

}  // namespace vmtool::oci
