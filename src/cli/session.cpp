#include "cli/session.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <fmt/format.h>

#include "util/error.hpp"

namespace vmtool::cli {

std::string default_uri() {
  const char* given = std::getenv("LIBVIRT_DEFAULT_URI");
  if (given != nullptr && *given != '\0') return given;
  if (::geteuid() == 0) return "qemu:///system";
  // The monolithic daemon's socket, or the one of the modular QEMU daemon.
  for (const char* socket : {"/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock"}) {
    if (::access(socket, R_OK | W_OK) == 0) return "qemu:///system";
  }
  return "qemu:///session";
}

Session::Session(const Globals& globals) : globals_(globals), reporter_(globals.quiet) {}

const virt::Connection& Session::connection() {
  const std::lock_guard lock(opening_);
  if (!connection_) connection_ = virt::Connection::open(globals_.connect.empty() ? default_uri() : globals_.connect);
  return *connection_;
}

const virt::Connection* Session::find_connection() {
  try {
    return &connection();
  } catch (const util::Error& error) {
    if (error.kind() == util::Errc::unavailable || error.kind() == util::Errc::denied) return nullptr;
    throw;
  }
}

void Session::say(const std::string& line) { reporter_.info(line); }

void Session::confirm(const std::string& question, bool yes) {
  if (yes) return;
  if (::isatty(STDIN_FILENO) == 0) {
    throw util::Error(util::Errc::usage, fmt::format("{}: this needs a confirmation", question)).hint("add --yes");
  }
  fmt::print(stderr, "{}? [y/N] ", question);
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "Y" && answer != "yes") throw util::Error(util::Errc::interrupted, "nothing was done");
}

}  // namespace vmtool::cli
