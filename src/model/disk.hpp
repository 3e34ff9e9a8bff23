#pragma once
// A machine's disk (libvirt formatdomain.html, hard drives).

#include <optional>
#include <string>

#include "model/enum_text.hpp"
#include "model/volume.hpp"
#include "util/bytes.hpp"

namespace vmtool::model {

/// How a disk stands on its image: an overlay, a copy that shares extents, or a full copy.
enum class Backing { linked, reflink, full };
template <>
struct Words<Backing> {
  static constexpr WordTable<Backing, 3> table{
      {{Backing::linked, "linked"}, {Backing::reflink, "reflink"}, {Backing::full, "full"}}};
};

enum class DiskBus { virtio, scsi, sata, usb };
template <>
struct Words<DiskBus> {
  static constexpr WordTable<DiskBus, 4> table{
      {{DiskBus::virtio, "virtio"}, {DiskBus::scsi, "scsi"}, {DiskBus::sata, "sata"}, {DiskBus::usb, "usb"}}};
};

enum class DiskCache { none, writeback, writethrough, directsync, unsafe };
template <>
struct Words<DiskCache> {
  static constexpr WordTable<DiskCache, 5> table{{{DiskCache::none, "none"},
                                                  {DiskCache::writeback, "writeback"},
                                                  {DiskCache::writethrough, "writethrough"},
                                                  {DiskCache::directsync, "directsync"},
                                                  {DiskCache::unsafe, "unsafe"}}};
};

enum class DiskIo { native, threads, io_uring };
template <>
struct Words<DiskIo> {
  static constexpr WordTable<DiskIo, 3> table{
      {{DiskIo::native, "native"}, {DiskIo::threads, "threads"}, {DiskIo::io_uring, "io_uring"}}};
};

enum class DiskDiscard { unmap, ignore };
template <>
struct Words<DiskDiscard> {
  static constexpr WordTable<DiskDiscard, 2> table{{{DiskDiscard::unmap, "unmap"}, {DiskDiscard::ignore, "ignore"}}};
};

/// Exactly one of `image` and `volume` is given, or neither: then `capacity` alone makes an empty disk.
/// A disk of an image or of a capacity is a volume of the machine's own, "<machine>-<disk>.<format>".
struct Disk {
  std::string name;
  std::optional<std::string> image;     ///< an Image document, or a volume of the pool
  std::optional<std::string> volume;    ///< a Volume document, or a volume of the pool
  std::optional<Backing> backing;       ///< with image only; absent: linked
  std::optional<util::Bytes> capacity;  ///< absent with an image: the image's own
  DiskFormat format = DiskFormat::qcow2;
  std::string pool = "default";
  Preallocation preallocation = Preallocation::off;
  DiskBus bus = DiskBus::virtio;
  std::optional<DiskCache> cache;  ///< absent: QEMU's default, writeback
  std::optional<DiskIo> io;        ///< absent: QEMU's default, threads
  DiskDiscard discard = DiskDiscard::unmap;
  std::optional<unsigned> boot_order;  ///< 1 is first
  std::string serial;                  ///< at most 20 characters for virtio (virtio spec 5.2.6.1 get ID)
  bool read_only = false;
  // Not manifest keys: filled in when the machine is planned, or read from a domain's XML.
  std::string path;    ///< file of the volume on the host
  std::string target;  ///< vda, sda …
  friend bool operator==(const Disk&, const Disk&) = default;

  /// Whether the volume belongs to the machine and goes with it.
  bool is_owned() const noexcept { return !volume.has_value(); }
};

}  // namespace vmtool::model
