#pragma once
// What every command works with: the global options, the connection, the streams.

#include <mutex>
#include <optional>
#include <string>

#include "cli/progress.hpp"
#include "virt/connection.hpp"

namespace vmtool::cli {

enum class OutputFormat { table, json, yaml, name };

struct Globals {
  std::string connect;  ///< --connect; empty: chosen by default_uri()
  OutputFormat output = OutputFormat::table;
  bool quiet = false;
};

/// LIBVIRT_DEFAULT_URI, else qemu:///system where its socket is usable (or the user is root), else qemu:///session.
std::string default_uri();

/// One run of one command.
class Session {
 public:
  explicit Session(const Globals& globals);

  const Globals& globals() const noexcept { return globals_; }
  /// Opened by the first call, of whichever thread: commands that need no host never load libvirt.
  const virt::Connection& connection();
  /// The same, but null where no daemon is there: for commands that can do without.
  const virt::Connection* find_connection();
  util::Reporter& reporter() noexcept { return reporter_; }

  /// Prints a line about what was done, on standard error, unless --quiet.
  void say(const std::string& line);
  /// Asks on a terminal; elsewhere `yes` must have been given. Throws Error{usage} where it was not, and
  /// Error{interrupted} where the answer is no.
  void confirm(const std::string& question, bool yes);

 private:
  Globals globals_;
  TerminalReporter reporter_;
  std::mutex opening_;
  std::optional<virt::Connection> connection_;
};

}  // namespace vmtool::cli
