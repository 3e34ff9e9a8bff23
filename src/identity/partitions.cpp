#include "identity/partitions.hpp"

#include <blkid/blkid.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "identity/block_device.hpp"
#include "identity/lvm.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

// Every signature that libblkid knows lies this near to the start or the end (btrfs at 64 KiB, ZFS labels in 256 KiB).
constexpr std::uint64_t edge = 256 * 1024;
constexpr int most_partitions = 256;

using Probe = util::Handle<std::remove_pointer_t<blkid_probe>, blkid_free_probe>;

// libblkid wants a descriptor: a sparse memory file of the disk's size that holds the parts it looks at.
class SparseView {
 public:
  explicit SparseView(BlockDevice& disk) : disk_(disk), file_(::memfd_create("disk", MFD_CLOEXEC)) {
    if (!file_ || ::ftruncate(file_.get(), static_cast<off_t>(disk.size())) != 0) {
      throw util::SysError(errno, "making the view of a disk");
    }
  }

  void fill(std::uint64_t offset, std::uint64_t length) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(length));
    disk_.read(offset, bytes);
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put =
          ::pwrite(file_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (put < 0) throw util::SysError(errno, "filling the view of a disk");
      done += static_cast<std::size_t>(put);
    }
  }

  void fill_edges(std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t part = std::min(edge, length);
    fill(offset, part);
    if (length > part) fill(offset + length - part, part);
  }

  // Logical partitions are a chain of boot records all over the disk.
  void fill_extended_chain() {
    std::array<unsigned char, sector_size> record{};
    if (disk_.size() < sector_size) return;
    disk_.read(0, record);
    const std::uint64_t first = extended_start(record);
    std::uint64_t at = first;
    for (int hops = 0; first != 0 && hops < most_partitions; ++hops) {
      if (at > disk_.size() / sector_size - 1) return;
      fill(at * sector_size, sector_size);
      disk_.read(at * sector_size, record);
      const std::uint64_t next = extended_start(record);
      if (next == 0) return;
      at = first + next;
    }
  }

  int get() const { return file_.get(); }

 private:
  // The start (in sectors) of the extended entry of a boot record; 0 where there is none.
  static std::uint64_t extended_start(const std::array<unsigned char, sector_size>& record) {
    if (record[510] != 0x55 || record[511] != 0xaa) return 0;
    for (std::size_t entry = 446; entry < 510; entry += 16) {
      const unsigned char type = record[entry + 4];
      if (type != 0x05 && type != 0x0f && type != 0x85) continue;
      std::uint64_t start = 0;
      for (std::size_t byte = 4; byte-- > 0;) start = start << 8 | record[entry + 8 + byte];
      return start;
    }
    return 0;
  }

  BlockDevice& disk_;
  util::Fd file_;
};

Probe open_probe(const SparseView& view, std::uint64_t offset, std::uint64_t size) {
  Probe probe(blkid_new_probe());
  if (!probe || blkid_probe_set_device(probe.get(), view.get(), static_cast<blkid_loff_t>(offset),
                                       static_cast<blkid_loff_t>(size)) != 0) {
    throw Error(Errc::io, "libblkid can't look at the disk");
  }
  return probe;
}

std::string value_of(const Probe& probe, const char* name) {
  const char* value = nullptr;
  if (blkid_probe_lookup_value(probe.get(), name, &value, nullptr) != 0 || value == nullptr) return {};
  return value;
}

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

void probe_content(const SparseView& view, Partition& partition) {
  const Probe probe = open_probe(view, partition.offset, partition.size);
  blkid_probe_enable_superblocks(probe.get(), 1);
  blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
  // Two signatures at once are ambiguous (-2): nothing that may be edited.
  if (blkid_do_safeprobe(probe.get()) != 0) return;
  partition.content = value_of(probe, "TYPE");
  partition.content_uuid = value_of(probe, "UUID");
  partition.content_label = value_of(probe, "LABEL");
}

std::vector<Partition> read_table(const SparseView& view, std::uint64_t disk_size) {
  const Probe probe = open_probe(view, 0, disk_size);
  blkid_probe_enable_superblocks(probe.get(), 0);
  blkid_probe_enable_partitions(probe.get(), 1);
  blkid_probe_set_partitions_flags(probe.get(), BLKID_PARTS_ENTRY_DETAILS);
  blkid_partlist list = blkid_probe_get_partitions(probe.get());
  std::vector<Partition> found;
  const int count = list == nullptr ? 0 : std::min(blkid_partlist_numof_partitions(list), most_partitions);
  for (int index = 0; index < count; ++index) {
    blkid_partition entry = blkid_partlist_get_partition(list, index);
    const auto offset = static_cast<std::uint64_t>(blkid_partition_get_start(entry)) * sector_size;
    const auto size = static_cast<std::uint64_t>(blkid_partition_get_size(entry)) * sector_size;
    if (size == 0 || blkid_partition_is_extended(entry) != 0) continue;
    if (offset > disk_size || size > disk_size - offset) continue;
    std::string type = text_or_empty(blkid_partition_get_type_string(entry));
    if (type.empty()) {
      std::array<char, 8> digits{};
      std::snprintf(digits.data(), digits.size(), "0x%02x",
                    static_cast<unsigned>(blkid_partition_get_type(entry)) & 0xffU);
      type = digits.data();
    }
    found.push_back({.number = blkid_partition_get_partno(entry),
                     .offset = offset,
                     .size = size,
                     .type = std::move(type),
                     .uuid = text_or_empty(blkid_partition_get_uuid(entry)),
                     .name = text_or_empty(blkid_partition_get_name(entry)),
                     .volume = {},
                     .content = {},
                     .content_uuid = {},
                     .content_label = {}});
  }
  return found;
}

// A damaged volume group hides its volumes, not the other partitions of the disk.
std::vector<Partition> find_volumes(BlockDevice& disk, Partition& place) {
  try {
    return logical_volumes(disk, place);
  } catch (const Error& error) {
    place.content += ", " + error.message();
    return {};
  }
}

}  // namespace

std::vector<Partition> probe_partitions(BlockDevice& disk) {
  SparseView view(disk);
  view.fill_edges(0, disk.size());
  view.fill_extended_chain();
  std::vector<Partition> partitions = read_table(view, disk.size());
  if (partitions.empty()) {
    partitions.emplace_back();
    partitions.back().size = disk.size();
  }
  std::vector<Partition> all;
  for (Partition& partition : partitions) {
    view.fill_edges(partition.offset, partition.size);
    probe_content(view, partition);
    all.push_back(partition);
    if (partition.content != "LVM2_member") continue;
    for (Partition& volume : find_volumes(disk, all.back())) {
      if (volume.size != 0) {
        view.fill_edges(volume.offset, volume.size);
        probe_content(view, volume);
      }
      all.push_back(std::move(volume));
    }
  }
  return all;
}

std::string describe(std::size_t disk, const Partition& partition) {
  if (!partition.volume.empty()) return fmt::format("disk {} volume {}", disk + 1, util::printable(partition.volume));
  return partition.number == 0 ? fmt::format("disk {}", disk + 1)
                               : fmt::format("disk {} partition {}", disk + 1, partition.number);
}

}  // namespace vmtool::identity
