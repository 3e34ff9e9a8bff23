#pragma once
// What rooms report, shown on standard error.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "util/reporter.hpp"

namespace vmtool::cli {

/// "importing 'debian-12'  45 %  120.0 MiB/s  8 s left", at most `width` columns.
std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                          std::chrono::milliseconds elapsed, std::size_t width);

/// Warnings always; steps unless quiet; progress bars on a terminal only. May be used from several threads.
class TerminalReporter : public util::Reporter {
 public:
  explicit TerminalReporter(bool quiet);
  void warn(std::string_view text) override;
  void info(std::string_view text) override;
  void progress(std::string_view what, std::uint64_t done, std::uint64_t total) override;

 private:
  using Clock = std::chrono::steady_clock;
  void clear_bar();

  bool quiet_;
  bool terminal_;
  std::mutex mutex_;
  std::string current_;  // what the bar on the screen is about; empty: none
  Clock::time_point started_{};
  Clock::time_point drawn_{};
};

}  // namespace vmtool::cli
