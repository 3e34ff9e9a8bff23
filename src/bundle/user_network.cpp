#include "bundle/user_network.hpp"

#include <fmt/format.h>

#include "bundle/parts.hpp"

namespace vmtool::bundle {
namespace {

// A hook is told the container's process on standard input (runtime-spec, Hooks); pasta wants it as its last word. It ends with the
// network namespace.
constexpr const char* hook_script =
    R"(pid=$(sed -n 's/.*"pid": *\([0-9][0-9]*\).*/\1/p' | head -n 1) && exec pasta --config-net --quiet "$@" "$pid")";

std::string forwarding(const model::PublishedPort& port) {
  const std::string place = port.host_address ? model::to_text(*port.host_address) + "/" : "";
  return fmt::format("{}{}:{}", place, port.host_port, port.container_port);
}

}  // namespace

Json user_network_hooks(const model::Container& container) {
  std::vector<std::string> args{"sh",
                                "-c",
                                hook_script,
                                "sh",
                                "--ns-ifname",
                                container.interfaces.front().name,
                                "--dns-forward",
                                user_network_dns,
                                "-T",
                                "none",
                                "-U",
                                "none"};
  for (const auto& [protocol, option] :
       {std::pair{model::PortProtocol::tcp, "-t"}, std::pair{model::PortProtocol::udp, "-u"}}) {
    std::string ports;
    for (const model::PublishedPort& port : container.ports) {
      if (port.protocol == protocol) ports += (ports.empty() ? "" : ",") + forwarding(port);
    }
    args.insert(args.end(), {option, ports.empty() ? "none" : ports});
  }
  return {{"createRuntime",
           Json::array({{{"path", "/bin/sh"}, {"args", args}, {"env", {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}}}})}};
}

}  // namespace vmtool::bundle
