#include <fmt/format.h>

#include "model/targets.hpp"
#include "tests/golden/xml/cases.hpp"

namespace vmtool::tests {
namespace {

using namespace util;  // the literals of sizes
using model::VirtualMachine;

using Machines = std::vector<Case<VirtualMachine>>;

model::Disk disk(const std::string& name, const std::string& file) {
  model::Disk out;
  out.name = name;
  out.capacity = 10_GiB;
  out.path = "/var/lib/libvirt/images/" + file;
  return out;
}

model::Interface on_network(const std::string& name, unsigned char last_byte) {
  model::Interface out;
  out.name = name;
  out.network = "default";
  out.mac = model::MacAddress{{0x52, 0x54, 0x00, 0x12, 0x34, last_byte}};
  return out;
}

// A planned machine with one disk and one interface; every case is named and numbered by its place.
VirtualMachine machine(const std::string& name) {
  VirtualMachine out;
  out.name = "xmlt-" + name;
  out.uuid = util::derived_uuid({}, name);
  out.domain_type = model::DomainType::qemu;
  out.memory.size = 512_MiB;
  out.disks = {disk("root", name + "-root.qcow2")};
  out.interfaces = {on_network("lan", 1)};
  out.console.log_path = "/var/log/libvirt/qemu/xmlt-" + name + ".console.log";
  return out;
}

template <class Change>
void add(Machines& cases, const std::string& name, Change change) {
  VirtualMachine out = machine(name);
  change(out);
  model::assign_targets(out);
  cases.push_back({name, std::move(out)});
}

void add_frames(Machines& cases) {
  add(cases, "minimal", [](VirtualMachine&) {});
  add(cases, "empty", [](VirtualMachine& m) {
    m.disks.clear();
    m.interfaces.clear();
    m.console = {.log = false, .log_path = {}};
    m.guest_agent = false;
  });
  add(cases, "kvm", [](VirtualMachine& m) { m.domain_type = model::DomainType::kvm; });
  add(cases, "efi", [](VirtualMachine& m) { m.firmware.type = model::FirmwareType::efi; });
  add(cases, "efi-secure-boot", [](VirtualMachine& m) { m.firmware = {model::FirmwareType::efi, true}; });
  add(cases, "cloud-init", [](VirtualMachine& m) {
    m.seed = model::Seed{"/var/lib/libvirt/images/cloud-init-seed-01234567.iso", std::string(64, 'a')};
    m.disks.push_back(disk("usb", "cloud-init-usb.qcow2"));
    m.disks.back().bus = model::DiskBus::usb;
  });
  add(cases, "direct-boot", [](VirtualMachine& m) {
    m.boot = {
        .kernel = "/boot/vmlinuz", .initrd = "/boot/initrd.img", .cmdline = "console=ttyS0 quiet init=\"/a & b\" <c>"};
  });
  add(cases, "direct-boot-kernel-only",
      [](VirtualMachine& m) { m.boot = {.kernel = "/boot/vmlinuz", .initrd = {}, .cmdline = {}}; });
  add(cases, "memory", [](VirtualMachine& m) { m.memory.size = 3_GiB; });
  // QEMU can't do every pair of them: where a reboot ends the guest, so must a power-off.
  using model::LifecycleAction;
  add(cases, "lifecycle-end", [](VirtualMachine& m) {
    m.on_reboot = LifecycleAction::destroy;
    m.on_crash = LifecycleAction::preserve;
  });
  add(cases, "lifecycle-go-on", [](VirtualMachine& m) {
    m.on_poweroff = LifecycleAction::restart;
    m.on_crash = LifecycleAction::destroy;
  });
  add(cases, "vmtool-keys", [](VirtualMachine& m) {
    m.labels = {{"tier", "db"}, {"note", "it's <\"quoted\"> & long\n\ttext"}};
    m.is_protected = true;
    m.stop_timeout = std::chrono::minutes(5);
    m.autostart = true;
  });
  add(cases, "provenance", [](VirtualMachine& m) {
    m.provenance = {"kind: VirtualMachine\nname: ${NAME}\r\ncpu: {count: 1}   # <&>\n\n", std::string(64, 'a')};
  });
  add(cases, "machine-version", [](VirtualMachine& m) { m.machine = "pc-q35-6.2"; });
}

void add_cpus(Machines& cases) {
  using model::CpuMode;
  for (const CpuMode mode : {CpuMode::host_passthrough, CpuMode::host_model, CpuMode::maximum}) {
    add(cases, fmt::format("cpu-{}", to_text(mode)), [mode](VirtualMachine& m) {
      m.domain_type = model::DomainType::kvm;
      m.cpu.mode = mode;
    });
  }
  add(cases, "cpu-custom", [](VirtualMachine& m) {
    m.cpu.mode = CpuMode::custom;
    m.cpu.model = "Nehalem";
  });
  add(cases, "cpu-topology", [](VirtualMachine& m) {
    m.cpu.count = 8;
    m.cpu.topology = model::CpuTopology{2, 2, 2};
  });
  add(cases, "cpu-topology-kvm", [](VirtualMachine& m) {
    m.domain_type = model::DomainType::kvm;
    m.cpu.count = 6;
    m.cpu.topology = model::CpuTopology{1, 3, 2};
  });
  add(cases, "cpu-features", [](VirtualMachine& m) {
    m.domain_type = model::DomainType::kvm;
    m.cpu.mode = CpuMode::host_model;
    for (const auto& [policy, word] : model::Words<model::FeaturePolicy>::table) {
      static constexpr const char* names[] = {"aes", "avx", "pcid", "vmx", "svm"};
      m.cpu.features.push_back({names[m.cpu.features.size()], policy});
    }
  });
  add(cases, "cpu-features-emulated", [](VirtualMachine& m) {
    m.cpu.features = {{"aes", model::FeaturePolicy::require}};
  });
}

void add_disks(Machines& cases) {
  add(cases, "disk-formats", [](VirtualMachine& m) {
    m.disks.push_back(disk("data", "data.raw"));
    m.disks[1].format = model::DiskFormat::raw;
  });
  add(cases, "disk-buses", [](VirtualMachine& m) {
    m.disks.clear();
    for (const auto& [bus, word] : model::Words<model::DiskBus>::table) {
      for (const char* suffix : {"1", "2"}) {
        m.disks.push_back(disk(std::string(word) + suffix, std::string(word) + suffix + ".qcow2"));
        m.disks.back().bus = bus;
      }
    }
  });
  add(cases, "disk-caches", [](VirtualMachine& m) {
    for (const auto& [cache, word] : model::Words<model::DiskCache>::table) {
      m.disks.push_back(disk(std::string(word), std::string(word) + ".qcow2"));
      m.disks.back().cache = cache;
    }
  });
  add(cases, "disk-io", [](VirtualMachine& m) {
    for (const auto& [io, word] : model::Words<model::DiskIo>::table) {
      m.disks.push_back(disk(std::string(word), std::string(word) + ".qcow2"));
      m.disks.back().io = io;
      m.disks.back().cache = model::DiskCache::none;
    }
  });
  add(cases, "disk-details", [](VirtualMachine& m) {
    m.disks[0].discard = model::DiskDiscard::ignore;
    m.disks[0].serial = "DB01DATA";
    m.disks[0].read_only = true;
  });
  add(cases, "disk-sources", [](VirtualMachine& m) {
    for (const auto& [backing, word] : model::Words<model::Backing>::table) {
      m.disks.push_back(disk(std::string(word), std::string(word) + ".qcow2"));
      m.disks.back().image = "debian-12";
      m.disks.back().backing = backing;
    }
    m.disks.push_back(disk("image", "image.qcow2"));
    m.disks.back().image = "debian-12";
    m.disks.back().capacity = std::nullopt;
    m.disks.push_back(disk("volume", "db-data"));
    m.disks.back().volume = "db-data";
    m.disks.back().pool = "fast";
    m.disks.back().capacity = std::nullopt;
  });
  add(cases, "disk-preallocation", [](VirtualMachine& m) {
    for (const auto& [mode, word] : model::Words<model::Preallocation>::table) {
      m.disks.push_back(disk(std::string(word), std::string(word) + ".qcow2"));
      m.disks.back().preallocation = mode;
    }
  });
  add(cases, "disk-targets", [](VirtualMachine& m) {
    m.disks[0].target = "vdc";
    m.disks.push_back(disk("next", "next.qcow2"));
  });
  add(cases, "boot-order", [](VirtualMachine& m) {
    m.disks[0].boot_order = 2;
    m.interfaces[0].boot_order = 1;
  });
}

void add_devices(Machines& cases) {
  add(cases, "interface-models", [](VirtualMachine& m) {
    m.interfaces.clear();
    for (const auto& [kind, word] : model::Words<model::InterfaceModel>::table) {
      m.interfaces.push_back(on_network(std::string(word), static_cast<unsigned char>(16 + m.interfaces.size())));
      m.interfaces.back().model = kind;
    }
  });
  add(cases, "interface-kinds", [](VirtualMachine& m) {
    m.interfaces.push_back(on_network("bridged", 2));
    m.interfaces[1].network = std::nullopt;
    m.interfaces[1].bridge = "br0";
    m.interfaces.push_back(on_network("user", 3));
    m.interfaces[2].network = std::nullopt;
  });
  add(cases, "interface-details", [](VirtualMachine& m) {
    m.interfaces[0].address = model::parse_ip("192.168.122.210");
    m.interfaces[0].mtu = 9000;
  });
  add(cases, "graphics", [](VirtualMachine& m) { m.graphics = {model::Graphics{}}; });
  add(cases, "graphics-port", [](VirtualMachine& m) {
    m.graphics = {model::Graphics{.type = model::GraphicsType::vnc, .listen = "0.0.0.0", .port = 5911}};
  });
  add(cases, "console-without-log", [](VirtualMachine& m) { m.console = {.log = false, .log_path = {}}; });
  add(cases, "rng", [](VirtualMachine& m) { m.rng.source = "/dev/random"; });
  add(cases, "no-agent", [](VirtualMachine& m) { m.guest_agent = false; });
}

void add_edits(Machines& cases) {
  add(cases, "xml-edits", [](VirtualMachine& m) {
    m.xml = {
        {.xpath = "./devices/memballoon/@freePageReporting", .set = "off", .add = {}, .remove = false},
        {.xpath = "./devices/rng", .set = {}, .add = "<rate bytes='1024' period='1000'/>", .remove = false},
        {.xpath = "./devices",
         .set = {},
         .add = "<watchdog model='i6300esb' action='reset'/><hub type='usb'/>",
         .remove = false},
        {.xpath = "./clock/@offset", .set = "localtime", .add = {}, .remove = false},
        {.xpath = "./pm", .set = {}, .add = {}, .remove = true},
    };
  });
}

// As `render` sees it: nothing of a host is known.
void add_rendered(Machines& cases) {
  VirtualMachine open = machine("rendered");
  open.uuid = std::nullopt;
  open.domain_type = model::DomainType::automatic;
  open.disks.push_back(disk("data", ""));
  open.disks[1].volume = "db-data";
  open.disks[1].pool = "fast";
  for (model::Disk& each : open.disks) each.path.clear();
  open.interfaces.push_back(on_network("second", 9));
  open.interfaces[0].mac = std::nullopt;
  open.interfaces[0].address = model::parse_ip("192.168.122.211");
  open.console.log_path.clear();
  model::assign_targets(open);
  cases.push_back({"rendered", std::move(open), Stage::rendered});
}

}  // namespace

Machines machine_cases() {
  Machines cases;
  add_frames(cases);
  add_cpus(cases);
  add_disks(cases);
  add_devices(cases);
  add_edits(cases);
  add_rendered(cases);
  return cases;
}

model::VirtualMachine as_read(model::VirtualMachine machine) {
  machine.autostart = false;
  if (machine.domain_type == model::DomainType::automatic) machine.domain_type = model::DomainType::kvm;
  return machine;
}

}  // namespace vmtool::tests
