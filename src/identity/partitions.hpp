#pragma once
// What lies on a disk: partitions (GPT, MBR, or none) and what each holds, by libblkid.

#include <cstdint>
#include <string>
#include <vector>

#include "identity/block_device.hpp"

namespace vmtool::identity {

/// A partition, the whole disk where it has no table (number 0), or a logical volume of LVM that lies on it.
struct Partition {
  int number = 0;
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t size = 0;    ///< bytes
  std::string type;          ///< GPT: lower-case type GUID; MBR: "0x83"; empty for a whole disk
  std::string uuid;          ///< PARTUUID, as udev writes it
  std::string name;          ///< GPT name (PARTLABEL)
  std::string volume;        ///< "vg/lv" for a logical volume, whose number and type are those of its partition
  std::string content;       ///< libblkid's TYPE: "ext4", "xfs", "crypto_LUKS", "LVM2_member" …; empty: unknown
  std::string content_uuid;
  std::string content_label;
};

/// The partitions in the order of the table, each followed by the logical volumes on it. Throws Error{io} where the disk can't be read.
std::vector<Partition> probe_partitions(BlockDevice& disk);

/// "disk 1", "disk 2 partition 3", "disk 1 volume vg/root": the disk counts from 0.
std::string describe(std::size_t disk, const Partition& partition);

}  // namespace vmtool::identity
