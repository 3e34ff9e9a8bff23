#include "cli/run_options.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

using util::Errc;
using util::Error;

constexpr std::chrono::milliseconds cpu_period{100};
constexpr double most_cpus = 8192;

Error refused(const char* option, const std::string& text, std::string_view what, std::string hint) {
  return Error(Errc::usage, fmt::format("{}: '{}' is no {}", option, util::printable(text), what))
      .hint(std::move(hint));
}

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal(); }

util::Bytes parse_size(const std::string& text) {
  try {
    return util::parse_bytes(text);
  } catch (const Error& error) {
    throw Error(Errc::usage, fmt::format("--memory: {}", error.message())).hint(error.hint());
  }
}

std::chrono::milliseconds parse_cpus(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool good = !text.empty() && *end == '\0' && text.find_first_not_of("0123456789.") == std::string::npos &&
                    number >= 0.01 && number <= most_cpus;
  if (!good) throw refused("--cpus", text, "number of processors", "write e.g. 0.5 or 2");
  return std::chrono::milliseconds(std::llround(number * static_cast<double>(cpu_period.count())));
}

unsigned parse_number(const char* option, const std::string& text) {
  const auto number = util::parse_decimal(text, UINT32_MAX - 1);
  if (!number) throw refused(option, text, "number", "");
  return static_cast<unsigned>(*number);
}

model::ContainerUser parse_user(const std::string& text) {
  const auto parts = util::split(text, ':');
  if (parts.size() > 2) throw refused("--user", text, "user", "write UID or UID:GID, in numbers");
  return {parse_number("--user", parts.front()), parts.size() == 2 ? parse_number("--user", parts.back()) : 0, {}};
}

model::Mount parse_volume(const std::string& text) {
  const auto parts = util::split(text, ':');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty())
    throw refused("--volume", text, "mount", "write SOURCE:DESTINATION or SOURCE:DESTINATION:ro");
  model::Mount mount;
  mount.source = absolute(parts[0]);
  mount.destination = parts[1];
  if (parts.size() == 3) mount.options = util::split(parts[2], ',');
  return mount;
}

model::PublishedPort parse_port(const std::string& text) {
  const auto slash = text.find('/');
  const auto parts = util::split(text.substr(0, slash), ':');
  const auto protocol = slash == std::string::npos ? model::PortProtocol::tcp
                                                   : model::from_text<model::PortProtocol>(text.substr(slash + 1));
  if (parts.size() != 2 || !protocol)
    throw refused("--publish", text, "pair of ports", "write HOST:CONTAINER or HOST:CONTAINER/udp");
  return {parse_number("--publish", parts[0]), parse_number("--publish", parts[1]), *protocol, std::nullopt};
}

void set_variable(const std::string& text, model::ContainerProcess& process) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw refused("--env", text, "variable", "write NAME=VALUE");
  process.env[text.substr(0, equals)] = text.substr(equals + 1);
}

void read_command(const RunOptions& options, model::Container& container) {
  std::vector<std::string> words = options.words;
  if (options.rootfs.empty()) {
    if (words.empty())
      throw Error(Errc::usage, "neither an image nor --rootfs is given")
          .hint("vmtool run IMAGE [COMMAND], or vmtool run --rootfs DIRECTORY COMMAND");
    container.rootfs.image = words.front();
    words.erase(words.begin());
  } else {
    container.rootfs.layers = {absolute(options.rootfs)};
    if (words.empty())
      throw Error(Errc::usage, "a directory names no command of its own").hint("vmtool run --rootfs DIRECTORY COMMAND");
  }
  container.process.args = std::move(words);
}

}  // namespace

ops::RunWishes wishes_of(const RunOptions& options) {
  ops::RunWishes wishes;
  model::Container& container = wishes.container;
  read_command(options, container);
  container.name = options.name.empty() ? ops::random_container_name() : options.name;
  container.hostname = options.hostname;
  container.rootfs.read_only = options.read_only;
  container.init = options.init;
  container.process.terminal = options.terminal;
  if (!options.cwd.empty()) container.process.cwd = options.cwd;
  if (!options.user.empty()) container.process.user = parse_user(options.user);
  for (const std::string& item : options.env) set_variable(item, container.process);
  for (const std::string& item : options.volumes) container.mounts.push_back(parse_volume(item));
  for (const std::string& item : options.ports) container.ports.push_back(parse_port(item));
  if (!options.memory.empty()) container.resources.memory.limit = parse_size(options.memory);
  if (!options.cpus.empty()) container.resources.cpu = {parse_cpus(options.cpus), cpu_period, {}, {}};
  if (!options.pids.empty()) container.resources.pids.limit = parse_number("--pids-limit", options.pids);
  if (!options.network.empty() && options.network != "none")
    container.interfaces = {{"eth0", options.network, {}, {}, {}}};
  if (options.detach && options.interactive)
    throw Error(Errc::usage, "--interactive does not go with --detach")
        .hint("connect to its terminal later: vmtool console NAME");
  wishes.remove = options.remove;
  wishes.interactive = options.interactive;
  return wishes;
}

}  // namespace vmtool::cli
