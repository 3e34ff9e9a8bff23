#include "isolation/oom_record.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "util/fd.hpp"
#include "util/text.hpp"

namespace vmtool::isolation {
namespace {

constexpr std::uint64_t a_second = 1'000'000;

std::uint64_t now_in_microseconds(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * a_second + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

}  // namespace

bool tells_oom_kill(std::string_view record, const std::string& path, std::uint64_t since) noexcept {
  // "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;oom-kill:constraint=…,task_memcg=PATH,task=…"
  constexpr std::string_view key = ",task_memcg=";
  const auto text = record.find(';');
  if (text == std::string_view::npos || !record.substr(text + 1).starts_with("oom-kill:")) return false;
  const auto first = record.find(',');
  const auto time = record.find(',', first + 1) + 1;
  const auto at = util::parse_decimal(record.substr(time, record.find_first_of(",;", time) - time));
  const auto place = record.find(key, text);
  if (!at || *at < since || place == std::string_view::npos) return false;
  const std::string_view found = record.substr(place + key.size());
  return found.starts_with(path) && found.size() > path.size() &&
         (found[path.size()] == ',' || found[path.size()] == '/');
}

bool kernel_logged_oom_kill(const std::string& path, std::uint64_t start_time) noexcept {
  const util::Fd log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!log) return false;
  // The log's clock stands still while the host is suspended, that of processes does not.
  const std::uint64_t suspended = now_in_microseconds(CLOCK_BOOTTIME) - now_in_microseconds(CLOCK_MONOTONIC);
  const std::uint64_t started =
      start_time * a_second / static_cast<std::uint64_t>(std::max(::sysconf(_SC_CLK_TCK), 1L));
  const std::uint64_t since = started - std::min(started, suspended + a_second / 10);
  char record[8192];
  for (;;) {
    const ssize_t got = ::read(log.get(), record, sizeof record);
    if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;  // overwritten before it was read: the next one is
    if (got <= 0) return false;
    if (tells_oom_kill({record, static_cast<std::size_t>(got)}, path, since)) return true;
  }
}

}  // namespace vmtool::isolation
