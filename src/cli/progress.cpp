#include "cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "util/bytes.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

constexpr std::chrono::milliseconds redraw_interval{100};

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                          std::chrono::milliseconds elapsed, std::size_t width) {
  const std::uint64_t percent =
      total == 0
          ? 100
          : static_cast<std::uint64_t>(static_cast<double>(std::min(done, total)) * 100.0 / static_cast<double>(total));
  std::string line = fmt::format("{}  {:3} %", what, percent);
  const double seconds = static_cast<double>(elapsed.count()) / 1000;
  if (seconds > 0.2 && done > 0) {
    const double rate = static_cast<double>(done) / seconds;
    line += fmt::format("  {}/s", util::to_human({static_cast<std::uint64_t>(rate)}));
    if (done < total) line += fmt::format("  {:.0f} s left", static_cast<double>(total - done) / rate);
  }
  return line.substr(0, width == 0 ? 0 : width - 1);
}

TerminalReporter::TerminalReporter(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

void TerminalReporter::clear_bar() {
  if (current_.empty()) return;
  fmt::print(stderr, "\r\x1b[K");
  current_.clear();
}

void TerminalReporter::warn(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_bar();
  fmt::print(stderr, "vmtool: warning: {}\n", util::printable(text, 2000));
}

void TerminalReporter::info(std::string_view text) {
  if (quiet_) return;
  const std::lock_guard lock(mutex_);
  clear_bar();
  fmt::print(stderr, "{}\n", util::printable(text, 2000));
}

void TerminalReporter::progress(std::string_view what, std::uint64_t done, std::uint64_t total) {
  if (quiet_ || !terminal_) return;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (current_ != what) {
    clear_bar();
    current_ = what;
    started_ = now;
    drawn_ = {};
  }
  if (done < total && now - drawn_ < redraw_interval) return;
  drawn_ = now;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
  fmt::print(stderr, "\r\x1b[K{}", progress_line(util::printable(what), done, total, elapsed, terminal_width()));
  std::fflush(stderr);
  if (done >= total) {
    fmt::print(stderr, "\n");
    current_.clear();
  }
}

}  // namespace vmtool::cli
