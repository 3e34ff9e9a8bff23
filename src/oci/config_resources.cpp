#include <fmt/format.h>

#include "oci/config_parts.hpp"
#include "util/text.hpp"

namespace vmtool::oci {
namespace {

using isolation::Resources;

std::optional<std::int64_t> signed_number(const JsonReader& parent, const char* key) {
  const auto found = parent.find(key);
  if (!found) return std::nullopt;
  return found->integer(-1, INT64_MAX);
}

std::optional<std::uint64_t> number(const JsonReader& parent, const char* key) {
  const auto found = parent.find(key);
  if (!found) return std::nullopt;
  return found->unsigned_integer(UINT64_MAX);
}

void read_memory(const JsonReader& memory, Resources& out) {
  out.memory_limit = signed_number(memory, "limit");
  out.memory_reservation = signed_number(memory, "reservation");
  out.memory_swap = signed_number(memory, "swap");
  out.memory_swappiness = number(memory, "swappiness");
  if (const auto disable = memory.find("disableOOMKiller")) out.disable_oom_killer = disable->boolean();
  for (const char* key : {"kernel", "kernelTCP"}) {
    if (const auto limit = signed_number(memory, key); limit && *limit > 0)
      memory.find(key)->refuse("kernel memory can't be limited separately: the kernel has dropped that");
  }
}

void read_cpu(const JsonReader& cpu, Resources& out) {
  out.cpu_shares = number(cpu, "shares");
  out.cpu_quota = signed_number(cpu, "quota");
  out.cpu_period = number(cpu, "period");
  out.cpu_cpus = cpu.text("cpus");
  out.cpu_mems = cpu.text("mems");
  for (const char* key : {"realtimeRuntime", "realtimePeriod"}) {
    if (const auto found = cpu.find(key); found && found->integer(INT64_MIN, INT64_MAX) != 0)
      found->refuse("real-time CPU limits are not available");
  }
}

/// Limits of the runtime-spec that nothing here enforces: a silent container without them would be worse.
void refuse_what_is_not_enforced(const JsonReader& resources) {
  if (const auto cpu = resources.find("cpu")) {
    for (const char* key : {"burst", "idle"}) {
      if (const auto found = cpu->find(key); found && found->integer(INT64_MIN, INT64_MAX) != 0)
        found->refuse("this CPU limit is not available");
    }
  }
  if (const auto network = resources.find("network")) {
    if (const auto id = network->find("classID"); id && id->unsigned_integer(UINT32_MAX) != 0)
      id->refuse("network classes are not available");
    network->each("priorities", [](const JsonReader& item) { item.refuse("network priorities are not available"); });
  }
  resources.each_member(
      "rdma", [](const std::string&, const JsonReader& item) { item.refuse("RDMA limits are not available"); });
}

void read_block(const JsonReader& block, Resources& out) {
  if (const auto weight = block.find("weight"))
    out.block_weight = static_cast<unsigned>(weight->unsigned_integer(1000));
  if (const auto leaf = block.find("leafWeight"); leaf && leaf->unsigned_integer(1000) != 0)
    leaf->refuse("a weight against child cgroups is not available: the kernel has dropped that");
  block.each("weightDevice", [&](const JsonReader& item) {
    const auto major = item.find("major");
    const auto minor = item.find("minor");
    const auto weight = item.find("weight");
    if (!major || !minor || !weight) item.refuse("needs major, minor and weight");
    out.device_weights.push_back({static_cast<unsigned>(major->unsigned_integer(4095)),
                                  static_cast<unsigned>(minor->unsigned_integer(1048575)),
                                  static_cast<unsigned>(weight->unsigned_integer(1000))});
  });
  const auto read_list = [&](const char* key, std::vector<isolation::BlockThrottle>& into) {
    block.each(key, [&](const JsonReader& item) {
      const auto major = item.find("major");
      const auto minor = item.find("minor");
      const auto rate = item.find("rate");
      if (!major || !minor || !rate) item.refuse("needs major, minor and rate");
      into.push_back({static_cast<unsigned>(major->unsigned_integer(4095)),
                      static_cast<unsigned>(minor->unsigned_integer(1048575)), rate->unsigned_integer(UINT64_MAX)});
    });
  };
  read_list("throttleReadBpsDevice", out.read_bps);
  read_list("throttleWriteBpsDevice", out.write_bps);
  read_list("throttleReadIOPSDevice", out.read_iops);
  read_list("throttleWriteIOPSDevice", out.write_iops);
}

isolation::DeviceRule read_device_rule(const JsonReader& item) {
  isolation::DeviceRule rule;
  rule.allow = item.boolean("allow", false);
  const std::string type = item.text("type", "a");
  if (type != "a" && type != "b" && type != "c")
    item.refuse(fmt::format("'{}' is no type of device", util::printable(type)));
  rule.type = type[0];
  if (const auto major = item.find("major"); major && major->integer(-1, 4095) >= 0)
    rule.major = static_cast<unsigned>(major->integer(0, 4095));
  if (const auto minor = item.find("minor"); minor && minor->integer(-1, 1048575) >= 0)
    rule.minor = static_cast<unsigned>(minor->integer(0, 1048575));
  rule.access = item.text("access", "rwm");
  if (rule.access.empty() || rule.access.find_first_not_of("rwm") != std::string::npos)
    item.refuse("access is made of r, w and m");
  return rule;
}

}  // namespace

Resources read_resources(const JsonReader& resources) {
  Resources out;
  refuse_what_is_not_enforced(resources);
  if (const auto memory = resources.find("memory")) read_memory(*memory, out);
  if (const auto cpu = resources.find("cpu")) read_cpu(*cpu, out);
  if (const auto pids = resources.find("pids")) out.pids_limit = signed_number(*pids, "limit");
  if (const auto block = resources.find("blockIO")) read_block(*block, out);
  resources.each("devices", [&](const JsonReader& item) { out.devices.push_back(read_device_rule(item)); });
  resources.each("hugepageLimits", [&](const JsonReader& item) {
    const auto limit = item.find("limit");
    if (!limit) item.refuse("needs a limit");
    const std::string size = item.text("pageSize");
    if (size.empty() || size.find('/') != std::string::npos)
      item.refuse(fmt::format("'{}' is no page size", util::printable(size)));
    out.hugepages.emplace_back(size, limit->unsigned_integer(UINT64_MAX));
  });
  resources.each_member("unified", [&](const std::string& file, const JsonReader& value) {
    out.unified.emplace_back(file, value.text());
  });
  return out;
}

}  // namespace vmtool::oci
