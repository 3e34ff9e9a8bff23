#include "ops/port_rules.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "util/command.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"
#include "util/file_lock.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

constexpr const char* every_address = "*";
constexpr unsigned largest_port = 65535;

std::string host_text(const model::PublishedPort& port) {
  return port.host_address ? model::to_text(*port.host_address) : every_address;
}

void check_port(const model::PublishedPort& port) {
  if (port.host_port == 0 || port.container_port == 0 || port.host_port > largest_port ||
      port.container_port > largest_port) {
    throw Error(Errc::invalid_input, fmt::format("{}:{} can't be published as {}", port.host_port, port.container_port,
                                                 model::to_text(port.protocol)));
  }
  if (port.host_address && port.host_address->v6)
    throw Error(Errc::invalid_input, "ports can be published on IPv4 addresses alone");
}

util::Result run_nft(std::vector<std::string> args, const std::string& input = "") {
  args.insert(args.begin(), "nft");
  util::Command command{.args = std::move(args), .env = {{"PATH", "/usr/sbin:/sbin:/usr/bin:/bin"}}};
  command.input = input;
  try {
    return util::run(command);
  } catch (const util::SysError& error) {
    throw Error(Errc::unavailable, fmt::format("publishing ports needs the program 'nft': {}", error.message()))
        .hint("apt install nftables");
  }
}

// Where the table is not there, there are no rules.
std::vector<PortRule> live_port_rules() {
  const util::Result listed = run_nft({"--handle", "list", "table", "ip", "vmtool"});
  return listed.exit_code == 0 ? parse_port_rules(listed.out) : std::vector<PortRule>();
}

bool is_same_place(const PortRule& rule, const model::PublishedPort& port) {
  const std::string host = host_text(port);
  return rule.protocol == model::to_text(port.protocol) && rule.host_port == port.host_port &&
         (rule.host_address == host || rule.host_address == every_address || host == every_address);
}

// A program that listens there would never hear of a connection again.
void require_unbound(const model::PublishedPort& port) {
  const util::Fd socket(
      ::socket(AF_INET, (port.protocol == model::PortProtocol::tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  // Connections that have ended are no reason; of UDP it would let two share the port.
  const int yes = 1;
  if (port.protocol == model::PortProtocol::tcp) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(port.host_port));
  place.sin_addr.s_addr = htonl(port.host_address ? model::ipv4_value(*port.host_address) : INADDR_ANY);
  sockaddr any{};
  std::memcpy(&any, &place, sizeof any);
  if (!socket || ::bind(socket.get(), &any, sizeof place) == 0) return;
  if (errno == EADDRINUSE)
    throw Error(Errc::conflict, fmt::format("a program of the host listens on {} port {}",
                                            model::to_text(port.protocol), port.host_port))
        .hint("choose another port of the host, or stop that program ('ss -lnp' names it)");
  if (errno == EADDRNOTAVAIL) throw Error(Errc::not_found, fmt::format("this host has no address {}", host_text(port)));
}

std::string destination_of(const model::PublishedPort& port) {
  return port.host_address ? "ip daddr " + model::to_text(*port.host_address) : "fib daddr type local";
}

}  // namespace

std::string publish_script(const std::string& container, const std::string& bridge, const model::IpAddress& address,
                           const std::vector<model::PublishedPort>& ports) {
  std::string out =
      "add table ip vmtool\n"
      "add chain ip vmtool guard { type filter hook prerouting priority raw; }\n"
      "add chain ip vmtool prerouting { type nat hook prerouting priority dstnat; }\n"
      "add chain ip vmtool output { type nat hook output priority -100; }\n"
      "add chain ip vmtool postrouting { type nat hook postrouting priority srcnat; }\n";
  const std::string inside = model::to_text(address);
  for (const model::PublishedPort& port : ports) {
    const std::string comment = fmt::format("comment \"{} {} {}:{}\"", container, model::to_text(port.protocol),
                                            host_text(port), port.host_port);
    const std::string leads =
        fmt::format("{} {} dport {} dnat to {}:{} {}\n", destination_of(port), model::to_text(port.protocol),
                    port.host_port, inside, port.container_port, comment);
    out += "add rule ip vmtool prerouting " + leads;
    out += "add rule ip vmtool output " + leads;
    out += fmt::format("add rule ip vmtool postrouting ip saddr 127.0.0.0/8 ip daddr {} {} dport {} masquerade {}\n",
                       inside, model::to_text(port.protocol), port.container_port, comment);
    out += fmt::format("add rule ip vmtool guard iifname \"{}\" ip daddr 127.0.0.0/8 drop {}\n", bridge, comment);
  }
  return out;
}

std::vector<PortRule> parse_port_rules(std::string_view listing) {
  std::vector<PortRule> out;
  std::string chain;
  for (const std::string& line : util::split(listing, '\n')) {
    const auto words = util::split(util::trim(line), ' ');
    if (words.size() > 1 && words[0] == "chain") chain = words[1];
    const std::size_t from = line.find("comment \"");
    const std::size_t to = line.find('"', from == std::string::npos ? from : from + 9);
    const std::size_t handle = line.rfind("# handle ");
    if (from == std::string::npos || to == std::string::npos || handle == std::string::npos) continue;
    const auto parts = util::split(std::string_view(line).substr(from + 9, to - from - 9), ' ');
    const auto number = util::parse_decimal(util::trim(std::string_view(line).substr(handle + 9)), UINT32_MAX);
    if (parts.size() != 3 || !number) continue;
    const std::size_t colon = parts[2].rfind(':');
    const auto port = colon == std::string::npos
                          ? std::nullopt
                          : util::parse_decimal(std::string_view(parts[2]).substr(colon + 1), largest_port);
    if (port)
      out.push_back({chain, static_cast<unsigned>(*number), parts[0], parts[1], parts[2].substr(0, colon),
                     static_cast<unsigned>(*port)});
  }
  return out;
}

void publish_ports(const std::filesystem::path& lock_file, const std::string& container, const std::string& bridge,
                   const model::IpAddress& address, const std::vector<model::PublishedPort>& ports) {
  if (ports.empty()) return;
  if (::geteuid() != 0)
    throw Error(Errc::denied, "publishing ports needs root").hint("run it with sudo, or leave the ports out");
  const util::FileLock alone(lock_file, util::FileLock::Kind::exclusive);
  const std::vector<PortRule> rules = live_port_rules();
  for (const model::PublishedPort& port : ports) {
    check_port(port);
    for (const PortRule& rule : rules) {
      if (is_same_place(rule, port))
        throw Error(Errc::conflict, fmt::format("{} port {} of the host is published by container '{}'",
                                                model::to_text(port.protocol), port.host_port, rule.container))
            .hint(fmt::format("choose another port, or stop '{}'", rule.container));
    }
    require_unbound(port);
  }
  const util::Fd route = util::open_file(fmt::format("/proc/sys/net/ipv4/conf/{}/route_localnet", bridge), O_WRONLY);
  const util::Result done = run_nft({"--file", "-"}, publish_script(container, bridge, address, ports));
  if (done.exit_code != 0)
    throw Error(Errc::io, fmt::format("nft refuses the rules for container '{}': {}", container,
                                      util::printable(util::trim(done.err), 600)));
  // Without it the kernel takes the answer to what came from 127.0.0.1 for a forgery; the chain `guard`, which stands by now, keeps real forgeries away.
  util::write_all(route.get(), "1");
}

void unpublish_ports(const std::filesystem::path& lock_file, const std::vector<std::string>& containers) {
  const util::FileLock alone(lock_file, util::FileLock::Kind::exclusive);
  const std::vector<PortRule> rules = live_port_rules();
  std::string script;
  std::size_t left = 0;
  for (const PortRule& rule : rules) {
    const bool goes = std::find(containers.begin(), containers.end(), rule.container) != containers.end();
    left += goes ? 0 : 1;
    if (goes) script += fmt::format("delete rule ip vmtool {} handle {}\n", rule.chain, rule.handle);
  }
  if (script.empty()) return;
  const util::Result done = run_nft({"--file", "-"}, left == 0 ? "delete table ip vmtool\n" : script);
  if (done.exit_code != 0)
    throw Error(Errc::io, fmt::format("nft can't remove the rules: {}", util::printable(util::trim(done.err), 600)));
}

}  // namespace vmtool::ops
