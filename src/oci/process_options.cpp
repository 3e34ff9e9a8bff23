#include "oci/process_options.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>

#include "oci/terminal.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::oci {

using util::Errc;
using util::Error;
using util::Fd;

void add_process_options(CLI::App& command, ProcessOptions& options) {
  command.add_option("--pid-file", options.pid_file, "file that gets the process id");
  command.add_option("--console-socket", options.console_socket, "socket that gets the terminal");
  command.add_option("--preserve-fds", options.preserve_fds, "descriptors from 3 on that the process keeps");
}

std::function<void(Fd)> terminal_taker(const ProcessOptions& options, Fd& master) {
  if (!options.console_socket.empty())
    return [path = options.console_socket](Fd opened) { send_console(path, std::move(opened)); };
  return [&master](Fd opened) {
    master = std::move(opened);
    copy_window_size(master.get());
  };
}

void check_terminal(const ProcessOptions& options, const isolation::Process& process) {
  const bool sent = !options.console_socket.empty();
  if (sent && !process.terminal) throw Error(Errc::usage, "a console socket is given, but the process has no terminal");
  if (!sent && process.terminal && options.detach)
    throw Error(Errc::usage, "a detached process with a terminal needs --console-socket");
}

unsigned preserved_descriptors(const ProcessOptions& options, isolation::Process& process) {
  const char* const listen = ::getenv("LISTEN_FDS");
  if (listen == nullptr) return options.preserve_fds;
  const auto count = util::parse_decimal(listen, 1024);
  if (!count) return options.preserve_fds;
  process.env.push_back(fmt::format("LISTEN_FDS={}", *count));
  process.env.emplace_back("LISTEN_PID=1");
  return options.preserve_fds + static_cast<unsigned>(*count);
}

void write_pid_file(const ProcessOptions& options, int pid) {
  const std::string& path = options.pid_file;
  if (path.empty()) return;
  const std::string temporary = fmt::format("{}.{}", path, ::getpid());
  util::write_all(util::open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644).get(), std::to_string(pid));
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    throw util::SysError(errno, fmt::format("can't write the pid file '{}'", path));
}

}  // namespace vmtool::oci
