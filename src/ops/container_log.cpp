#include "ops/container_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <deque>
#include <thread>

#include <fmt/format.h>

#include "ops/container_state.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::ops {
namespace {

constexpr std::chrono::milliseconds follow_interval{50};
constexpr unsigned most_rotated = 1000;

// The words of a line up to its text.
std::string_view take_word(std::string_view& rest) {
  const auto space = rest.find(' ');
  const auto word = rest.substr(0, space);
  rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
  return word;
}

// One file, line by line, from where the last look ended.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

  explicit operator bool() const noexcept { return static_cast<bool>(file_); }
  bool is(const std::filesystem::path& path) const {
    struct stat own {};
    struct stat there {};
    return ::fstat(file_.get(), &own) == 0 && ::stat(path.c_str(), &there) == 0 && own.st_ino == there.st_ino;
  }
  // False where the sink wants no more.
  bool read(const LogSink& sink) {
    std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t got = ::read(file_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno != EINTR) throw util::SysError(errno, "reading a container's log");
      if (got == 0) return true;
      rest_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      std::size_t start = 0;
      for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', start)) {
        const auto line = parse_log_line(std::string_view(rest_).substr(start, end - start));
        start = end + 1;
        if (line && !sink(*line)) return false;
      }
      rest_.erase(0, start);
    }
  }

 private:
  util::Fd file_;
  std::string rest_;
};

std::vector<std::filesystem::path> files_of(const ContainerPaths& paths) {
  std::vector<std::filesystem::path> files;
  for (unsigned number = 1; number <= most_rotated; ++number) {
    const auto file = paths.run / fmt::format("log.{}", number);
    if (::access(file.c_str(), F_OK) != 0) break;
    files.insert(files.begin(), file);
  }
  files.push_back(paths.log());
  return files;
}

struct KeptLine {
  std::string time;
  std::string stream;
  bool is_whole;
  std::string text;
};

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line) {
  LogLine out;
  out.time = take_word(line);
  out.stream = take_word(line);
  const auto tag = take_word(line);
  if (out.time.empty() || (out.stream != "stdout" && out.stream != "stderr") || (tag != "F" && tag != "P"))
    return std::nullopt;
  out.is_whole = tag == "F";
  out.text = line;
  return out;
}

void read_log(const ContainerHome& home, const std::string& name, const LogWishes& wishes, const LogSink& sink) {
  if (!home.has(name)) throw_no_container(home, name);
  const ContainerPaths paths = home.paths(name);
  std::deque<KeptLine> last;
  const LogSink first_sink = !wishes.tail ? sink : LogSink([&](const LogLine& line) {
    last.push_back({std::string(line.time), std::string(line.stream), line.is_whole, std::string(line.text)});
    if (last.size() > *wishes.tail) last.pop_front();
    return true;
  });
  std::optional<LogFile> current;
  for (const auto& path : files_of(paths)) {
    current.emplace(path);
    if (*current && !current->read(first_sink)) return;
  }
  for (const KeptLine& line : last) {
    if (!sink({line.time, line.stream, line.is_whole, line.text})) return;
  }
  while (wishes.follow) {
    // Asked before the file is read: what was written before the end is read after it.
    const bool is_over = !is_up(look_at_container(paths).state);
    if (*current && !current->read(sink)) return;
    if (!*current || !current->is(paths.log())) {
      LogFile next(paths.log());
      if (next) current.emplace(std::move(next));
      if (*current && !current->read(sink)) return;
    }
    if (is_over) return;
    std::this_thread::sleep_for(follow_interval);
  }
}

}  // namespace vmtool::ops
