// What a container takes of its host: directories, network, processors and memory.
#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/duration.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

constexpr util::Bytes least_limit = util::operator""_KiB(512);
constexpr std::chrono::milliseconds longest_period{1000};
constexpr unsigned least_shares = 2;
constexpr unsigned most_shares = 262'144;
constexpr unsigned most_pids = 4'194'304;  // PID_MAX_LIMIT of linux/threads.h
constexpr unsigned most_cpu_number = 8191;
constexpr unsigned highest_port = 65535;

// "0-1,3": numbers and ranges that count up (cpuset(7), List format).
bool is_cpu_list(const std::string& text) {
  for (const std::string& part : util::split(text, ',')) {
    const auto ends = util::split(part, '-');
    if (ends.size() > 2) return false;
    const auto first = util::parse_decimal(ends.front(), most_cpu_number);
    const auto last = util::parse_decimal(ends.back(), most_cpu_number);
    if (!first || !last || *first > *last) return false;
  }
  return true;
}

void check_memory(const MemoryLimits& memory, Findings& findings) {
  const auto check_size = [&](const char* path, const std::optional<util::Bytes>& size) {
    if (size && *size < least_limit)
      findings.add(path, fmt::format("{} is too little for any process", to_text(*size)),
                   fmt::format("write {} or more", to_text(least_limit)));
  };
  check_size("resources.memory.limit", memory.limit);
  check_size("resources.memory.reservation", memory.reservation);
  if (memory.swap && !memory.limit)
    findings.add("resources.memory.swap", "a limit of swap needs one of memory", "add 'limit'");
  if (memory.limit && memory.reservation && *memory.reservation > *memory.limit)
    findings.add("resources.memory.reservation", "the reservation is above the limit");
}

void check_cpu(const CpuLimits& cpu, Findings& findings) {
  using std::chrono::milliseconds;
  if (cpu.quota && *cpu.quota < milliseconds{1}) findings.add("resources.cpu.quota", "a quota is 1ms at least");
  if (cpu.period && (*cpu.period < milliseconds{1} || *cpu.period > longest_period)) {
    findings.add("resources.cpu.period", fmt::format("a period of {} is out of range", util::to_text(*cpu.period)),
                 "write 1ms to 1s");
  }
  if (cpu.period && !cpu.quota) findings.add("resources.cpu.period", "a period needs a quota", "add 'quota'");
  if (cpu.shares && (*cpu.shares < least_shares || *cpu.shares > most_shares)) {
    findings.add("resources.cpu.shares", fmt::format("{} shares are out of range", *cpu.shares),
                 fmt::format("write {} to {}", least_shares, most_shares));
  }
  if (cpu.cpus && !is_cpu_list(*cpu.cpus))
    findings.add("resources.cpu.cpus", fmt::format("'{}' is no list of processors", util::printable(*cpu.cpus, 80)),
                 "write e.g. 0-1,3");
}

void check_block(const std::vector<BlockLimits>& devices, Findings& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const BlockLimits& limits = devices[i];
    const std::string path = at("resources.blockIO", i);
    findings.check_absolute_path(path + ".device", limits.device);
    if (!seen.insert(limits.device).second)
      findings.add(path + ".device", fmt::format("the device '{}' is given twice", util::printable(limits.device, 80)));
    if (!limits.read_bytes && !limits.write_bytes && !limits.read_iops && !limits.write_iops)
      findings.add(path, "nothing of the device is limited",
                   "add 'readBytes', 'writeBytes', 'readIops' or 'writeIops'");
  }
}

void check_interface(const ContainerInterface& interface, const std::string& path, Findings& findings) {
  findings.check_device(path + ".name", interface.name);
  if (interface.name == "lo") findings.add(path + ".name", "the name 'lo' belongs to the loopback interface");
  findings.check_reference(path + ".network", interface.network);
  if (interface.mac) findings.check_mac(path + ".macAddress", *interface.mac);
  if (interface.mtu) findings.check_mtu(path + ".mtu", *interface.mtu);
  if (interface.address && !is_host_address(*interface.address))
    findings.add(path + ".address", fmt::format("'{}' can't be a container's address", to_text(*interface.address)));
}

void check_user_network(const Container& container, std::size_t i, Findings& findings) {
  const ContainerInterface& interface = container.interfaces[i];
  if (interface.network != user_network) return;
  const std::string path = at("interfaces", i);
  if (container.interfaces.size() > 1) findings.add(path + ".network", "the user network goes with no other interface");
  if (interface.address || interface.mac || interface.mtu)
    findings.add(path, "the user network gives an interface its addresses and its MTU itself",
                 "leave 'address', 'macAddress' and 'mtu' out");
}

}  // namespace

const std::string& hostname_of(const Container& container) {
  return container.hostname.empty() ? container.name : container.hostname;
}

bool is_on_user_network(const Container& container) {
  return container.interfaces.size() == 1 && container.interfaces.front().network == user_network;
}

void check_mounts(const Container& container, Findings& findings) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < container.mounts.size(); ++i) {
    const Mount& mount = container.mounts[i];
    const std::string path = at("mounts", i);
    findings.check_inside_path(path + ".destination", mount.destination);
    if (mount.destination == "/")
      findings.add(path + ".destination", "the root is not a place for a mount", "use 'rootfs'");
    if (!seen.insert(mount.destination).second)
      findings.add(path + ".destination",
                   fmt::format("two mounts have the destination '{}'", util::printable(mount.destination, 80)));
    if (mount.type == MountType::bind && mount.source.empty())
      findings.add(path, "a bind mount has a source", "add 'source', a path of the host");
    if (mount.type == MountType::tmpfs && !mount.source.empty())
      findings.add(path + ".source", "a tmpfs has no source");
    if (mount.type == MountType::bind && !mount.source.empty())
      findings.check_absolute_path(path + ".source", mount.source);
    for (std::size_t k = 0; k < mount.options.size(); ++k) {
      const std::string& option = mount.options[k];
      findings.check_line(at(path + ".options", k), option);
      if (option.find(',') != std::string::npos)
        findings.add(at(path + ".options", k), "an option has no comma", "write a list, e.g. [ro, nosuid]");
    }
  }
}

void check_network(const Container& container, Findings& findings) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < container.interfaces.size(); ++i) {
    const std::string path = at("interfaces", i);
    check_interface(container.interfaces[i], path, findings);
    check_user_network(container, i, findings);
    if (!names.insert(container.interfaces[i].name).second)
      findings.add(path + ".name", fmt::format("the container has two interfaces with the name '{}'",
                                               util::printable(container.interfaces[i].name, 80)));
  }
  std::set<std::tuple<PortProtocol, unsigned, std::optional<IpAddress>>> ports;
  for (std::size_t i = 0; i < container.ports.size(); ++i) {
    const PublishedPort& port = container.ports[i];
    const std::string path = at("ports", i);
    for (const auto& [key, number] :
         {std::pair{".hostPort", port.host_port}, std::pair{".containerPort", port.container_port}}) {
      if (number == 0 || number > highest_port)
        findings.add(path + key, fmt::format("port {} is out of range", number),
                     fmt::format("write 1 to {}", highest_port));
    }
    if (!ports.insert({port.protocol, port.host_port, port.host_address}).second)
      findings.add(path + ".hostPort", fmt::format("port {} of the host is published twice", port.host_port));
  }
  if (!container.ports.empty() && container.interfaces.empty())
    findings.add("ports", "ports are published through a network", "add an interface to 'interfaces'");
}

void check_resources(const ContainerResources& resources, Findings& findings) {
  check_memory(resources.memory, findings);
  check_cpu(resources.cpu, findings);
  check_block(resources.block, findings);
  if (resources.pids.limit && (*resources.pids.limit == 0 || *resources.pids.limit > most_pids)) {
    findings.add("resources.pids.limit", fmt::format("{} processes are out of range", *resources.pids.limit),
                 fmt::format("write 1 to {}", most_pids));
  }
}

}  // namespace vmtool::model
