#pragma once
// What `create`, `run` and `exec` share: where the process id and the terminal go, and what else the process keeps.

#include <functional>
#include <string>

#include <CLI/App.hpp>

#include "isolation/spec.hpp"
#include "util/fd.hpp"

namespace vmtool::oci {

struct ProcessOptions {
  std::string pid_file{};
  std::string console_socket{};
  unsigned preserve_fds = 0;
  bool detach = false;
};

/// Adds the options; --detach is left to those commands that have it.
void add_process_options(CLI::App& command, ProcessOptions& options);

/// What is done with the terminal of a process: it is sent to the console socket, or kept in `master` with the size of the
/// caller's terminal.
std::function<void(util::Fd)> terminal_taker(const ProcessOptions& options, util::Fd& master);

/// Throws Error{usage} where nobody would hold the terminal of a detached process.
void check_terminal(const ProcessOptions& options, const isolation::Process& process);

/// LISTEN_FDS of the environment, added to what --preserve-fds asks for.
unsigned preserved_descriptors(const ProcessOptions& options, isolation::Process& process);

/// Replaces the --pid-file, if there is one, by a file with the number. Throws SysError.
void write_pid_file(const ProcessOptions& options, int pid);

}  // namespace vmtool::oci
