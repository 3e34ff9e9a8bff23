#include "manifest/tables.hpp"

namespace vmtool::manifest {

using namespace model;

template <>
const Table<Firmware>& table<Firmware>() {
  static const Table<Firmware> fields{
      field("type", &Firmware::type, "The firmware that starts the machine."),
      field("secureBoot", &Firmware::secure_boot, "Start signed code only; with type efi."),
  };
  return fields;
}

template <>
const Table<DirectBoot>& table<DirectBoot>() {
  static const Table<DirectBoot> fields{
      field("kernel", &DirectBoot::kernel, "The kernel's file on the host.", {.required = true, .is_host_path = true}),
      field("initrd", &DirectBoot::initrd, "The initial ramdisk's file on the host.", {.is_host_path = true}),
      field("cmdline", &DirectBoot::cmdline, "The kernel's command line."),
  };
  return fields;
}

template <>
const Table<CpuTopology>& table<CpuTopology>() {
  static const Table<CpuTopology> fields{
      field("sockets", &CpuTopology::sockets, "Sockets of the machine."),
      field("cores", &CpuTopology::cores, "Cores of a socket."),
      field("threads", &CpuTopology::threads, "Threads of a core."),
  };
  return fields;
}

template <>
const Table<CpuFeature>& table<CpuFeature>() {
  static const Table<CpuFeature> fields{
      field("name", &CpuFeature::name, "libvirt's name of the feature.", {.required = true}),
      field("policy", &CpuFeature::policy, "What becomes of it."),
  };
  return fields;
}

template <>
const Table<Cpu>& table<Cpu>() {
  static const Table<Cpu> fields{
      field("count", &Cpu::count, "Virtual CPUs, 1 to 255."),
      field("mode", &Cpu::mode,
            "What the guest sees; without it host-model under kvm and QEMU's default under emulation."),
      field("model", &Cpu::model, "libvirt's name of the CPU model; with mode custom."),
      field("topology", &Cpu::topology, "How the CPUs are arranged; the product is the count."),
      field("features", &Cpu::features, "CPU features to add or to take away."),
  };
  return fields;
}

template <>
const Table<Memory>& table<Memory>() {
  static const Table<Memory> fields{
      field("size", &Memory::size, "Memory of the machine, 16MiB to 16TiB."),
  };
  return fields;
}

template <>
const Table<Graphics>& table<Graphics>() {
  static const Table<Graphics> fields{
      field("type", &Graphics::type, "The protocol."),
      field("listen", &Graphics::listen, "The host's address that it listens on."),
      field("port", &Graphics::port, "The TCP port, 5900 to 65535.", {.word_for_default = "auto"}),
  };
  return fields;
}

template <>
const Table<Console>& table<Console>() {
  static const Table<Console> fields{
      field("log", &Console::log, "Keep the serial console's output in a file of the host too."),
  };
  return fields;
}

template <>
const Table<Rng>& table<Rng>() {
  static const Table<Rng> fields{
      field("source", &Rng::source, "The host's device that random bytes come from."),
  };
  return fields;
}

template <>
const Table<VirtualMachine>& table<VirtualMachine>() {
  static const Table<VirtualMachine> fields = with_frame<VirtualMachine>({
      field("name", &VirtualMachine::name, "The machine's name, one of its kind on a host.", {.required = true}),
      field("labels", &VirtualMachine::labels, "Words of your own, for selecting machines."),
      field("domainType", &VirtualMachine::domain_type,
            "What runs the machine; auto is kvm where the host's KVM really runs guests."),
      field("machine", &VirtualMachine::machine, "QEMU's machine type."),
      field("firmware", &VirtualMachine::firmware, "What starts the machine."),
      field("boot", &VirtualMachine::boot, "Start a kernel of the host directly."),
      field("cpu", &VirtualMachine::cpu, "The processors."),
      field("memory", &VirtualMachine::memory, "The memory."),
      field("disks", &VirtualMachine::disks, "The disks, in the order of their devices."),
      field("interfaces", &VirtualMachine::interfaces, "The network interfaces, in the order of their devices."),
      field("cloudInit", &VirtualMachine::cloud_init, "What cloud-init in the guest is told at its first boot."),
      field("graphics", &VirtualMachine::graphics, "Screens; none without it."),
      field("console", &VirtualMachine::console, "The serial console."),
      field("rng", &VirtualMachine::rng, "The random number generator."),
      field("guestAgent", &VirtualMachine::guest_agent, "A channel for qemu-guest-agent."),
      field("autostart", &VirtualMachine::autostart, "Start the machine with the host."),
      field("stopTimeout", &VirtualMachine::stop_timeout, "How long an orderly stop may take before it is forced."),
      field("onPoweroff", &VirtualMachine::on_poweroff, "What happens when the guest powers off."),
      field("onReboot", &VirtualMachine::on_reboot, "What happens when the guest reboots."),
      field("onCrash", &VirtualMachine::on_crash, "What happens when the guest crashes."),
      field("protected", &VirtualMachine::is_protected, "Destructive commands refuse the machine."),
      field("xml", &VirtualMachine::xml, "Edits of the finished libvirt XML, in their order."),
  });
  return fields;
}

}  // namespace vmtool::manifest
