#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "ops/container_log.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"

namespace vmtool::cli {
namespace {

constexpr std::size_t console_log_limit = std::size_t{256} << 20;

struct LogsOptions {
  std::string name;
  std::string tail;
  bool follow = false;
  bool timestamps = false;
};

std::optional<std::size_t> tail_of(const LogsOptions& options) {
  if (options.tail.empty()) return std::nullopt;
  const auto lines = util::parse_decimal(options.tail, 1'000'000'000);
  if (!lines)
    throw util::Error(util::Errc::usage,
                      fmt::format("--tail: '{}' is no number of lines", util::printable(options.tail)));
  return *lines;
}

void print_container_log(const LogsOptions& options) {
  ops::read_log(ops::ContainerHome(), options.name, {options.follow, tail_of(options)}, [&](const ops::LogLine& line) {
    std::FILE* const stream = line.stream == "stderr" ? stderr : stdout;
    if (options.timestamps) fmt::print(stream, "{} ", line.time);
    std::fwrite(line.text.data(), 1, line.text.size(), stream);
    if (line.is_whole) std::fputc('\n', stream);
    // Who reads what a terminal or a pipe gets wants it now.
    return !options.follow || std::fflush(stream) == 0;
  });
}

// The serial console's output, which libvirt keeps in a file.
void print_machine_log(Session& session, const LogsOptions& options) {
  if (options.follow || options.timestamps) {
    throw util::Error(util::Errc::usage, "a machine's log has no times, and can't be followed")
        .hint(fmt::format("vmtool console {}", options.name));
  }
  const auto machine =
      xml::read_domain(ops::domain_or_throw(session.connection(), options.name).xml(virt::Flavor::inactive));
  if (machine.console.log_path.empty()) {
    throw util::Error(util::Errc::not_found, fmt::format("the console of machine '{}' has no log", options.name))
        .hint("write 'console: {log: true}' in its manifest");
  }
  const std::string text = util::read_file(machine.console.log_path, console_log_limit);
  std::size_t start = 0;
  if (const auto lines = tail_of(options)) {
    start = text.size();
    for (std::size_t found = 0; start > 0; --start) {
      if (text[start - 1] == '\n' && start < text.size() && ++found == *lines) break;
    }
    if (*lines == 0) start = text.size();
  }
  std::fwrite(text.data() + start, 1, text.size() - start, stdout);
}

}  // namespace

void add_logs(Grammar& grammar) {
  Command command = grammar.command("logs", "Print what a container wrote, or a machine's serial console");
  const auto options = std::make_shared<LogsOptions>();
  command.argument("NAME", options->name, "The machine or container");
  command.flag("-f,--follow", options->follow, "Go on until the container ends");
  command.option("--tail", "LINES", options->tail, "Only the last lines");
  command.flag("-t,--timestamps", options->timestamps, "With the time of each line");
  command.on([options](Session& session) {
    if (is_container(options->name)) print_container_log(*options);
    else print_machine_log(session, *options);
    return 0;
  });
}

}  // namespace vmtool::cli
