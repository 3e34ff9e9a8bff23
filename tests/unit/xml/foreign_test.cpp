// Domains that other tools made are read sensibly, and never refused for what is unknown.
#include <gtest/gtest.h>

#include "xml/domain.hpp"
#include "xml/merge.hpp"

namespace vmtool::xml {
namespace {

using model::VirtualMachine;

// In the manner of virt-install and virt-manager: a desktop guest with SPICE, a CD-ROM and a macvtap interface.
const char* const desktop = R"(<domain type="kvm">
  <name>desk</name>
  <uuid>0a52c1e8-3c0f-4ac0-8a6c-2f6b6a4ef001</uuid>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://fedoraproject.org/fedora/37"/>
    </libosinfo:libosinfo>
  </metadata>
  <memory unit="GiB">4</memory>
  <currentMemory>2097152</currentMemory>
  <vcpu current="2">4</vcpu>
  <os>
    <type arch="x86_64" machine="pc-q35-7.0">hvm</type>
    <loader readonly="yes" secure="yes" type="pflash">/usr/share/OVMF/OVMF_CODE_4M.ms.fd</loader>
    <nvram>/var/lib/libvirt/qemu/nvram/desk_VARS.fd</nvram>
    <boot dev="cdrom"/>
    <boot dev="hd"/>
  </os>
  <features><acpi/><apic/><vmport state="off"/></features>
  <cpu mode="host-passthrough"/>
  <on_crash>coredump-destroy</on_crash>
  <devices>
    <emulator>/usr/bin/kvm</emulator>
    <disk type="file" device="disk">
      <driver name="qemu" type="qcow2" cache="none" discard="unmap"/>
      <source file="/var/lib/libvirt/images/desk.qcow2"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    <disk type="file" device="cdrom">
      <source file="/srv/iso/install.iso"/>
      <target dev="sda" bus="sata"/>
      <readonly/>
    </disk>
    <interface type="network">
      <source network="default"/>
      <mac address="52:54:00:4D:3A:11"/>
      <model type="virtio"/>
    </interface>
    <interface type="direct">
      <source dev="eth0" mode="bridge"/>
      <mac address="52:54:00:4d:3a:12"/>
    </interface>
    <console type="pty"/>
    <channel type="unix"><source mode="bind"/><target type="virtio" name="org.qemu.guest_agent.0"/></channel>
    <channel type="spicevmc"><target type="virtio" name="com.redhat.spice.0"/></channel>
    <graphics type="spice" port="-1" autoport="yes"><image compression="off"/></graphics>
    <video><model type="qxl"/></video>
    <rng model="virtio"><backend model="random">/dev/random</backend></rng>
  </devices>
</domain>)";

// Every kind of disk source, and values that no model knows.
const char* const disks = R"(<domain type='xen' id='7'>
  <name>disks</name>
  <memory unit='furlong'>12</memory>
  <vcpu>many</vcpu>
  <os><type arch='aarch64' machine='virt'>hvm</type><kernel>/boot/k</kernel></os>
  <cpu><model>Nehalem</model><topology sockets='x'/></cpu>
  <devices>
    <disk type='block'><driver type='raw' io='native'/><source dev='/dev/vg/lv 1'/><target dev='sda' bus='scsi'/><serial>S1</serial></disk>
    <disk type='volume'><driver type='qcow2' cache='future'/><source pool='fast' volume='v.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='network'><driver type='vmdk'/><source protocol='rbd' name='pool/image'/><target dev='vdb' bus='fdc'/></disk>
    <disk type='file'><target dev='vdc'/><boot order='nine'/><readonly/></disk>
    <disk/>
    <interface type='bridge'><source bridge='br0'/><mac address='nonsense'/><model type='ne2k_pci'/><mtu size='1400'/></interface>
    <interface type='user'/>
    <graphics type='vnc' port='5903' autoport='no' listen='::'/>
    <serial type='tcp'/>
    <future><unknown/></future>
  </devices>
</domain>)";

TEST(Foreign, ADesktopOfVirtInstall) {
  const VirtualMachine machine = read_domain(desktop);
  EXPECT_EQ(machine.name, "desk");
  EXPECT_EQ(machine.domain_type, model::DomainType::kvm);
  EXPECT_EQ(machine.machine, "pc-q35-7.0");
  EXPECT_EQ(machine.memory.size, util::Bytes{std::uint64_t{4} << 30});
  EXPECT_EQ(machine.cpu.count, 4u);
  EXPECT_EQ(machine.cpu.mode, model::CpuMode::host_passthrough);
  EXPECT_EQ(machine.firmware, (model::Firmware{model::FirmwareType::efi, true}));
  EXPECT_EQ(machine.on_crash, model::LifecycleAction::restart);
  ASSERT_EQ(machine.disks.size(), 1u);
  EXPECT_EQ(machine.disks[0].name, "vda");
  EXPECT_EQ(machine.disks[0].path, "/var/lib/libvirt/images/desk.qcow2");
  EXPECT_EQ(machine.disks[0].cache, model::DiskCache::none);
  EXPECT_FALSE(machine.disks[0].is_owned());
  ASSERT_EQ(machine.interfaces.size(), 1u);
  EXPECT_EQ(machine.interfaces[0].name, "net0");
  EXPECT_EQ(machine.interfaces[0].network, "default");
  EXPECT_EQ(to_text(*machine.interfaces[0].mac), "52:54:00:4d:3a:11");
  EXPECT_TRUE(machine.graphics.empty());
  EXPECT_FALSE(machine.console.log);
  EXPECT_EQ(machine.rng.source, "/dev/random");
  EXPECT_TRUE(machine.guest_agent);
  EXPECT_FALSE(machine.provenance);
}

TEST(Foreign, DisksOfEveryKindAndUnknownValues) {
  const VirtualMachine machine = read_domain(disks);
  EXPECT_EQ(machine.domain_type, model::DomainType::automatic);
  EXPECT_EQ(machine.memory, model::Memory{});
  EXPECT_EQ(machine.cpu.count, 1u);
  EXPECT_EQ(machine.cpu.mode, model::CpuMode::custom);
  EXPECT_EQ(machine.cpu.model, "Nehalem");
  EXPECT_EQ(machine.boot->kernel, "/boot/k");
  ASSERT_EQ(machine.disks.size(), 5u);
  EXPECT_EQ(machine.disks[0].path, "/dev/vg/lv 1");
  EXPECT_EQ(machine.disks[0].volume, "lv 1");
  EXPECT_EQ(machine.disks[0].bus, model::DiskBus::scsi);
  EXPECT_EQ(machine.disks[0].serial, "S1");
  EXPECT_EQ(machine.disks[0].discard, model::DiskDiscard::ignore);
  EXPECT_EQ(machine.disks[1].pool, "fast");
  EXPECT_EQ(machine.disks[1].volume, "v.qcow2");
  EXPECT_EQ(machine.disks[1].cache, std::nullopt);
  EXPECT_EQ(machine.disks[2].volume, "pool/image");
  EXPECT_EQ(machine.disks[2].path, "");
  EXPECT_EQ(machine.disks[3].format, model::DiskFormat::raw);
  EXPECT_EQ(machine.disks[3].boot_order, std::nullopt);
  EXPECT_TRUE(machine.disks[3].read_only);
  ASSERT_EQ(machine.interfaces.size(), 2u);
  EXPECT_EQ(machine.interfaces[0].bridge, "br0");
  EXPECT_EQ(machine.interfaces[0].mac, std::nullopt);
  EXPECT_EQ(machine.interfaces[0].mtu, 1400u);
  EXPECT_EQ(machine.graphics.at(0), (model::Graphics{model::GraphicsType::vnc, "::", 5903}));
}

TEST(Foreign, AChangeKeepsEverythingElse) {
  VirtualMachine wanted = read_domain(desktop);
  EXPECT_TRUE(is_same(merge(desktop, rewrite_domain(desktop), write_domain(wanted)), desktop));
  wanted.cpu.count = 8;
  std::string expected = desktop;
  expected.replace(expected.find(">4</vcpu>"), 9, ">8</vcpu>");
  EXPECT_TRUE(is_same(merge(desktop, rewrite_domain(desktop), write_domain(wanted)), expected));
}

}  // namespace
}  // namespace vmtool::xml
