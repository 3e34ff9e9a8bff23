#include <fmt/format.h>

#include "bundle/parts.hpp"
#include "util/error.hpp"

namespace vmtool::bundle {
namespace {

constexpr std::int64_t default_period = 100'000;  // microseconds, the kernel's

std::int64_t microseconds(std::chrono::milliseconds time) { return std::chrono::microseconds(time).count(); }

Json memory_json(const model::MemoryLimits& memory) {
  Json out;
  if (memory.limit) out["limit"] = memory.limit->count;
  if (memory.reservation) out["reservation"] = memory.reservation->count;
  if (memory.limit && memory.swap) out["swap"] = memory.limit->count + memory.swap->count;
  return out;
}

Json cpu_json(const model::CpuLimits& cpu) {
  Json out;
  if (cpu.shares) out["shares"] = *cpu.shares;
  if (cpu.quota) {
    out["quota"] = microseconds(*cpu.quota);
    out["period"] = cpu.period ? microseconds(*cpu.period) : default_period;
  }
  if (cpu.cpus) out["cpus"] = *cpu.cpus;
  return out;
}

Json block_json(const std::vector<model::BlockLimits>& limits, const std::map<std::string, DeviceNumber>& devices) {
  Json out;
  for (const model::BlockLimits& one : limits) {
    const auto found = devices.find(one.device);
    const DeviceNumber number = found == devices.end() ? DeviceNumber{} : found->second;
    const auto add = [&](const char* key, std::uint64_t rate) {
      out[key].push_back({{"major", number.major}, {"minor", number.minor}, {"rate", rate}});
    };
    if (one.read_bytes) add("throttleReadBpsDevice", one.read_bytes->count);
    if (one.write_bytes) add("throttleWriteBpsDevice", one.write_bytes->count);
    if (one.read_iops) add("throttleReadIOPSDevice", *one.read_iops);
    if (one.write_iops) add("throttleWriteIOPSDevice", *one.write_iops);
  }
  return out;
}

}  // namespace

Json resources_json(const model::ContainerResources& resources, const std::map<std::string, DeviceNumber>& devices) {
  Json out = Json::object();
  if (Json memory = memory_json(resources.memory); !memory.is_null()) out["memory"] = std::move(memory);
  if (Json cpu = cpu_json(resources.cpu); !cpu.is_null()) out["cpu"] = std::move(cpu);
  if (resources.pids.limit) out["pids"] = {{"limit", *resources.pids.limit}};
  if (Json block = block_json(resources.block, devices); !block.is_null()) out["blockIO"] = std::move(block);
  return out;
}

}  // namespace vmtool::bundle
