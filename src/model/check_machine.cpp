#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "model/check_rules.hpp"
#include "util/text.hpp"

namespace vmtool::model {
namespace {

constexpr util::Bytes least_memory = util::operator""_MiB(16);
constexpr util::Bytes most_memory = util::operator""_GiB(16 << 10);
constexpr unsigned most_cpus = 255;
constexpr unsigned first_vnc_port = 5900;
constexpr unsigned last_port = 65535;
constexpr std::size_t longest_label = 1024;    // a few words; what is longer belongs into a file
constexpr std::size_t longest_cmdline = 2047;  // Linux on x86: COMMAND_LINE_SIZE with its closing null

void check_labels(const VirtualMachine& machine, Findings& findings) {
  for (const auto& [key, value] : machine.labels) {
    const std::string path = "labels." + key;
    findings.check_name(path, key);
    findings.check_line(path, value);
    if (value.size() > longest_label)
      findings.add(path, fmt::format("the label has {} bytes, at most {} are allowed", value.size(), longest_label));
  }
}

void check_boot(const VirtualMachine& machine, Findings& findings) {
  if (machine.firmware.secure_boot && machine.firmware.type != FirmwareType::efi) {
    findings.add("firmware.secureBoot", "secure boot needs EFI", "write 'type: efi' in firmware");
  }
  if (!machine.boot) return;
  if (!machine.boot->kernel.empty()) findings.check_absolute_path("boot.kernel", machine.boot->kernel);
  if (!machine.boot->initrd.empty()) findings.check_absolute_path("boot.initrd", machine.boot->initrd);
  findings.check_line("boot.cmdline", machine.boot->cmdline);
  if (machine.boot->cmdline.size() > longest_cmdline) {
    findings.add("boot.cmdline", fmt::format("the command line has {} bytes, a kernel takes at most {}",
                                             machine.boot->cmdline.size(), longest_cmdline));
  }
}

void check_cpu(const Cpu& cpu, Findings& findings) {
  if (cpu.count < 1 || cpu.count > most_cpus) {
    findings.add("cpu.count", fmt::format("{} CPUs are out of range", cpu.count),
                 fmt::format("write 1 to {}", most_cpus));
  }
  if (cpu.mode == CpuMode::custom && cpu.model.empty()) {
    findings.add("cpu.mode", "mode custom needs a model", "add 'model', a name of 'virsh cpu-models x86_64'");
  }
  if (cpu.mode != CpuMode::custom && !cpu.model.empty()) {
    findings.add("cpu.model", "a CPU model is used with mode custom only", "write 'mode: custom', or remove 'model'");
  }
  findings.check_line("cpu.model", cpu.model);
  if (cpu.topology) {
    const CpuTopology& shape = *cpu.topology;
    // Three 32-bit factors overflow 64 bits; none may be larger than the product.
    const bool small = shape.sockets <= most_cpus && shape.cores <= most_cpus && shape.threads <= most_cpus;
    if (!small || shape.sockets * shape.cores * shape.threads != cpu.count) {
      findings.add("cpu",
                   fmt::format("the topology {}×{}×{} is not the count {}", shape.sockets, shape.cores, shape.threads,
                               cpu.count),
                   "sockets × cores × threads must be 'count'");
    }
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < cpu.features.size(); ++i) {
    const std::string& name = cpu.features[i].name;
    const std::string path = at("cpu.features", i) + ".name";
    findings.check_name(path, name);
    if (!seen.insert(name).second)
      findings.add(path, fmt::format("the feature '{}' is given twice", util::printable(name, 80)));
  }
}

void check_memory(const Memory& memory, Findings& findings) {
  if (memory.size < least_memory || memory.size > most_memory) {
    findings.add("memory.size", fmt::format("{} of memory is out of range", to_text(memory.size)),
                 fmt::format("write {} to {}", to_text(least_memory), to_text(most_memory)));
  } else if (memory.size.count % 1024 != 0) {
    findings.add("memory.size", fmt::format("{} of memory is not a multiple of 1KiB", to_text(memory.size)));
  }
}

void check_graphics(const std::vector<Graphics>& screens, Findings& findings) {
  for (std::size_t i = 0; i < screens.size(); ++i) {
    const std::string path = at("graphics", i);
    if (i > 0) findings.add(path, "a machine has one vnc screen at most");
    if (!parse_ip(screens[i].listen)) {
      findings.add(path + ".listen", fmt::format("'{}' is not an IP address", util::printable(screens[i].listen, 80)),
                   "write 127.0.0.1 for this host only, or an address of the host");
    }
    const auto port = screens[i].port;
    if (port && (*port < first_vnc_port || *port > last_port)) {
      findings.add(path + ".port", fmt::format("port {} is out of range", *port),
                   fmt::format("write auto, or {} to {}", first_vnc_port, last_port));
    }
  }
}

void check_boot_orders(const VirtualMachine& machine, Findings& findings) {
  std::set<unsigned> seen;
  const auto check_one = [&](const std::string& path, std::optional<unsigned> order) {
    if (!order) return;
    if (*order == 0) findings.add(path + ".bootOrder", "boot orders start at 1");
    else if (!seen.insert(*order).second)
      findings.add(path + ".bootOrder", fmt::format("the boot order {} is given twice", *order));
  };
  for (std::size_t i = 0; i < machine.disks.size(); ++i) check_one(at("disks", i), machine.disks[i].boot_order);
  for (std::size_t i = 0; i < machine.interfaces.size(); ++i)
    check_one(at("interfaces", i), machine.interfaces[i].boot_order);
}

// QEMU has one switch for both (-no-reboot), so libvirt's driver refuses the one pair that it can't tell apart.
void check_lifecycle(const VirtualMachine& machine, Findings& findings) {
  if (machine.on_reboot != LifecycleAction::destroy || machine.on_poweroff != LifecycleAction::restart) return;
  findings.add("onReboot", "a machine that ends when it reboots can't restart when it powers off",
               "change 'onReboot' or 'onPoweroff'");
}

}  // namespace

std::vector<Finding> check(const VirtualMachine& machine) {
  Findings findings;
  findings.check_name("name", machine.name);
  check_labels(machine, findings);
  findings.check_name("machine", machine.machine);
  check_boot(machine, findings);
  check_cpu(machine.cpu, findings);
  check_memory(machine.memory, findings);
  check_disks(machine, findings);
  check_interfaces(machine, findings);
  check_boot_orders(machine, findings);
  if (machine.cloud_init) check_cloud_init(*machine.cloud_init, findings);
  check_graphics(machine.graphics, findings);
  check_lifecycle(machine, findings);
  findings.check_absolute_path("rng.source", machine.rng.source);
  findings.check_edits(machine.xml);
  return findings.take();
}

}  // namespace vmtool::model
