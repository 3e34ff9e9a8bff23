#include "model/targets.hpp"

#include <gtest/gtest.h>

namespace vmtool::model {
namespace {

Disk on(DiskBus bus, std::string target = {}) {
  Disk disk;
  disk.bus = bus;
  disk.target = std::move(target);
  return disk;
}

TEST(Targets, AreCountedInBase26) {
  EXPECT_EQ(target_name("vd", 0), "vda");
  EXPECT_EQ(target_name("vd", 25), "vdz");
  EXPECT_EQ(target_name("vd", 26), "vdaa");
  EXPECT_EQ(target_name("sd", 701), "sdzz");
  EXPECT_EQ(target_name("sd", 702), "sdaaa");
}

TEST(Targets, EachBusHasItsLetters) {
  VirtualMachine machine;
  machine.disks = {on(DiskBus::virtio), on(DiskBus::scsi), on(DiskBus::virtio), on(DiskBus::sata), on(DiskBus::usb)};
  assign_targets(machine);
  std::vector<std::string> targets;
  for (const Disk& disk : machine.disks) targets.push_back(disk.target);
  EXPECT_EQ(targets, (std::vector<std::string>{"vda", "sda", "vdb", "sdb", "sdc"}));
}

TEST(Targets, AnAssignedOneStaysAndIsSkipped) {
  VirtualMachine machine;
  machine.disks = {on(DiskBus::virtio), on(DiskBus::virtio, "vda"), on(DiskBus::virtio)};
  assign_targets(machine);
  EXPECT_EQ(machine.disks[0].target, "vdb");
  EXPECT_EQ(machine.disks[1].target, "vda");
  EXPECT_EQ(machine.disks[2].target, "vdc");
}

TEST(VolumeName, IsTheMachinesOwnUnlessAVolumeIsNamed) {
  VirtualMachine machine;
  machine.name = "web";
  Disk disk;
  disk.name = "root";
  disk.format = DiskFormat::raw;
  EXPECT_EQ(volume_name(machine, disk), "web-root.raw");
  disk.volume = "db-data";
  EXPECT_EQ(volume_name(machine, disk), "db-data");
}

}  // namespace
}  // namespace vmtool::model
