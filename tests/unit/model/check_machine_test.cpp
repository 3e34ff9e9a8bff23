#include "tests/unit/model/check_support.hpp"

namespace vmtool::model {
namespace {

using Machine = Spoiled<VirtualMachine>;

class MachineRule : public testing::TestWithParam<Machine> {};

TEST_P(MachineRule, IsFoundWhereItIsBroken) {
  VirtualMachine machine = good_machine();
  GetParam().spoil(machine);
  EXPECT_EQ(shown(check(machine)), GetParam().findings);
}

INSTANTIATE_TEST_SUITE_P(
    Hardware, MachineRule,
    testing::Values(
        Machine{[](auto&) {}, {}}, Machine{[](auto& m) { m.name = ""; }, {"name: a name can't be empty"}},
        Machine{[](auto& m) { m.machine = "q 35"; },
                {"machine: the name 'q 35' has the character ' '; letters, digits and . _ + - are allowed"}},
        Machine{[](auto& m) { m.labels["a"] = "x\ny"; }, {"labels.a: 'x\\x0ay' has more than one line"}},
        Machine{[](auto& m) { m.labels["a"] = std::string(1025, 'x'); },
                {"labels.a: the label has 1025 bytes, at most 1024 are allowed"}},
        Machine{[](auto& m) { m.boot.emplace().cmdline = std::string(2048, 'x'); },
                {"boot.cmdline: the command line has 2048 bytes, a kernel takes at most 2047"}},
        Machine{[](auto& m) {
                  m.on_reboot = LifecycleAction::destroy;
                  m.on_poweroff = LifecycleAction::restart;
                },
                {"onReboot: a machine that ends when it reboots can't restart when it powers off"}},
        Machine{[](auto& m) { m.firmware.secure_boot = true; }, {"firmware.secureBoot: secure boot needs EFI"}},
        Machine{[](auto& m) {
                  m.boot = DirectBoot{"k", "", ""};
                },
                {"boot.kernel: 'k' is not an absolute path"}},
        Machine{[](auto& m) {
                  m.boot = DirectBoot{"/k", "i", "a\nb"};
                },
                {"boot.initrd: 'i' is not an absolute path", "boot.cmdline: 'a\\x0ab' has more than one line"}},
        Machine{[](auto& m) { m.cpu.count = 0; }, {"cpu.count: 0 CPUs are out of range"}},
        Machine{[](auto& m) { m.cpu.count = 256; }, {"cpu.count: 256 CPUs are out of range"}},
        Machine{[](auto& m) { m.cpu.mode = CpuMode::custom; }, {"cpu.mode: mode custom needs a model"}},
        Machine{[](auto& m) { m.cpu.model = "qemu64"; }, {"cpu.model: a CPU model is used with mode custom only"}},
        Machine{[](auto& m) {
                  m.cpu.topology = CpuTopology{1, 2, 2};
                },
                {"cpu: the topology 1×2×2 is not the count 1"}},
        Machine{[](auto& m) {
                  m.cpu.topology = CpuTopology{65536, 65536, 1};
                },
                {"cpu: the topology 65536×65536×1 is not the count 1"}},
        Machine{[](auto& m) {
                  m.cpu.features = {{"vmx", FeaturePolicy::require}, {"vmx", FeaturePolicy::disable}};
                },
                {"cpu.features[1].name: the feature 'vmx' is given twice"}},
        Machine{[](auto& m) { m.memory.size = {}; }, {"memory.size: 0B of memory is out of range"}},
        Machine{[](auto& m) { m.memory.size = {std::uint64_t{1} << 50}; },
                {"memory.size: 1PiB of memory is out of range"}},
        Machine{[](auto& m) { m.memory.size = {(16 << 20) + 1}; },
                {"memory.size: 16777217B of memory is not a multiple of 1KiB"}},
        Machine{[](auto& m) { m.graphics.resize(2); }, {"graphics[1]: a machine has one vnc screen at most"}},
        Machine{[](auto& m) {
                  m.graphics.resize(1);
                  m.graphics[0].listen = "localhost";
                  m.graphics[0].port = 80;
                },
                {"graphics[0].listen: 'localhost' is not an IP address", "graphics[0].port: port 80 is out of range"}},
        Machine{[](auto& m) { m.rng.source = "random"; }, {"rng.source: 'random' is not an absolute path"}},
        Machine{[](auto& m) {
                  m.xml.resize(1);
                  m.xml[0].xpath = "./a";
                },
                {"xml[0]: an edit has exactly one of 'set', 'add' and 'delete: true'"}},
        Machine{[](auto& m) {
                  m.disks[0].boot_order = 1;
                  m.disks[1].boot_order = 0;
                  m.interfaces[0].boot_order = 1;
                },
                {"disks[1].bootOrder: boot orders start at 1",
                 "interfaces[0].bootOrder: the boot order 1 is given twice"}}));

INSTANTIATE_TEST_SUITE_P(
    Disks, MachineRule,
    testing::Values(
        Machine{[](auto& m) { m.disks[1].name = "root"; },
                {"disks[1].name: the machine has two disks with the name 'root'"}},
        Machine{[](auto& m) { m.disks[1].name = "a/b"; },
                {"disks[1].name: the name 'a/b' has the character '/'; letters, digits and . _ + - are allowed"}},
        Machine{[](auto& m) { m.disks[1].capacity.reset(); },
                {"disks[1]: a disk needs an image, a volume or a capacity"}},
        Machine{[](auto& m) { m.disks[0].volume = "v"; }, {"disks[0]: a disk has an image or a volume, not both"}},
        Machine{[](auto& m) { m.disks[1].volume = "v"; },
                {"disks[1].capacity: a disk of a volume has the volume's capacity"}},
        Machine{[](auto& m) { m.disks[0].image = "../x"; }, {"disks[0].image: '../x' is a path, not a name"}},
        Machine{[](auto& m) { m.disks[0].pool = ""; }, {"disks[0].pool: a name can't be empty"}},
        Machine{[](auto& m) { m.disks[1].capacity = util::Bytes{}; }, {"disks[1].capacity: the capacity is zero"}},
        Machine{[](auto& m) { m.disks[1].capacity = util::Bytes{1000}; },
                {"disks[1].capacity: a capacity of 1000B is not a multiple of 512 bytes"}},
        Machine{[](auto& m) { m.disks[1].capacity = util::Bytes{std::uint64_t{1} << 61}; },
                {"disks[1].capacity: a capacity of 2EiB is larger than 1EiB"}},
        Machine{[](auto& m) { m.disks[1].backing = Backing::full; },
                {"disks[1].backing: only a disk of an image has a backing"}},
        Machine{[](auto& m) { m.disks[0].format = DiskFormat::raw; }, {"disks[0].format: a linked disk can't be raw"}},
        Machine{[](auto& m) { m.disks[0].preallocation = Preallocation::falloc; },
                {"disks[0].preallocation: a linked disk can't be preallocated"}},
        Machine{[](auto& m) {
                  m.disks[1].format = DiskFormat::raw;
                  m.disks[1].preallocation = Preallocation::metadata;
                },
                {"disks[1].preallocation: preallocation metadata needs format qcow2"}},
        Machine{[](auto& m) {
                  m.disks[1].capacity.reset();
                  m.disks[1].volume = "v";
                  m.disks[1].preallocation = Preallocation::full;
                },
                {"disks[1].preallocation: a volume has its own preallocation"}},
        Machine{[](auto& m) {
                  for (Disk& disk : m.disks) {
                    disk.image.reset();
                    disk.capacity.reset();
                    disk.volume = "v";
                  }
                },
                {"disks[1].volume: the machine has the volume 'v' twice"}},
        Machine{[](auto& m) { m.disks[0].io = DiskIo::native; },
                {"disks[0].io: io native needs cache none or directsync"}},
        Machine{[](auto& m) { m.disks[0].serial = std::string(21, 'a'); },
                {"disks[0].serial: a serial number on bus virtio has 20 characters at most"}},
        Machine{[](auto& m) { m.disks[0].serial = "a,b"; },
                {"disks[0].serial: the serial number 'a,b' may have letters, digits and _ - . +"}}));

INSTANTIATE_TEST_SUITE_P(
    Interfaces, MachineRule,
    testing::Values(
        Machine{[](auto& m) { m.interfaces[1].name = "lan"; },
                {"interfaces[1].name: the machine has two interfaces with the name 'lan'"}},
        Machine{[](auto& m) { m.interfaces[0].bridge = "br0"; },
                {"interfaces[0]: an interface is on a network or on a bridge, not on both"}},
        Machine{[](auto& m) { m.interfaces[1].bridge = "a-very-long-bridge"; },
                {"interfaces[1].bridge: the device name 'a-very-long-bridge' has 18 bytes, at most 15 are allowed"}},
        Machine{[](auto& m) { m.interfaces[1].bridge = "a/b"; },
                {"interfaces[1].bridge: 'a/b' can't be the name of a network device: letters, digits and . _ - are "
                 "allowed"}},
        Machine{[](auto& m) { m.interfaces[0].mac = MacAddress{}; },
                {"interfaces[0].macAddress: the MAC address is all zeros"}},
        Machine{[](auto& m) { m.interfaces[0].mac = mac("01:00:5e:00:00:01"); },
                {"interfaces[0].macAddress: '01:00:5e:00:00:01' is a multicast address, which no interface can have"}},
        Machine{[](auto& m) { m.interfaces[0].mtu = 67; }, {"interfaces[0].mtu: an MTU of 67 is out of range"}},
        Machine{[](auto& m) { m.interfaces[1].address = ip("10.0.0.9"); },
                {"interfaces[1].address: an address is reserved by a network: the interface is on none"}},
        Machine{[](auto& m) { m.interfaces[0].address = ip("fd00::9"); },
                {"interfaces[0].address: only an IPv4 address can be reserved for an interface"}},
        Machine{[](auto& m) { m.interfaces[0].address = ip("127.0.0.1"); },
                {"interfaces[0].address: '127.0.0.1' can't be a machine's address"}}));

}  // namespace
}  // namespace vmtool::model
