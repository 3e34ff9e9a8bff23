#include "manifest/tables.hpp"

namespace vmtool::manifest {

using namespace model;

template <>
const Table<Disk>& table<Disk>() {
  static const Table<Disk> fields{
      field("name", &Disk::name, "The disk's name, one of its kind in the machine.", {.required = true}),
      field("image", &Disk::image, "Start from this Image, or volume of the pool."),
      field("volume", &Disk::volume, "Use this Volume, or volume of the pool, which outlives the machine."),
      field("backing", &Disk::backing, "How the disk stands on its image; linked without it."),
      field("capacity", &Disk::capacity,
            "The disk's size; needed without image and volume, and otherwise the image's own at least."),
      field("format", &Disk::format, "The format of the disk's file."),
      field("pool", &Disk::pool, "The libvirt storage pool that holds it."),
      field("preallocation", &Disk::preallocation, "How much of the disk is reserved at once; metadata with qcow2."),
      field("bus", &Disk::bus, "The bus that the guest sees."),
      field("cache", &Disk::cache, "QEMU's cache mode; writeback without it."),
      field("io", &Disk::io, "QEMU's way to read and write; threads without it, native with cache none or directsync."),
      field("discard", &Disk::discard, "What becomes of the guest's trim requests."),
      field("bootOrder", &Disk::boot_order, "The place among what the machine boots from; 1 is first."),
      field("serial", &Disk::serial, "The serial number that the guest sees; 20 characters at most with bus virtio."),
      field("readOnly", &Disk::read_only, "The guest can't write to it."),
  };
  return fields;
}

template <>
const Table<Interface>& table<Interface>() {
  static const Table<Interface> fields{
      field("name", &Interface::name, "The interface's name, one of its kind in the machine.", {.required = true}),
      field("network", &Interface::network, "The libvirt network that it is on."),
      field("bridge", &Interface::bridge, "The host's bridge that it is on."),
      field("model", &Interface::model, "The device that the guest sees."),
      field("macAddress", &Interface::mac, "Its Ethernet address; auto derives it from host, machine and interface.",
            {.word_for_default = "auto"}),
      field("address", &Interface::address, "The address that the network's DHCP reserves for it; with network."),
      field("bootOrder", &Interface::boot_order, "The place among what the machine boots from; 1 is first."),
      field("mtu", &Interface::mtu, "The largest packet in bytes, 68 to 65535."),
  };
  return fields;
}

template <>
const Table<XmlEdit>& table<XmlEdit>() {
  static const Table<XmlEdit> fields{
      field("xpath", &XmlEdit::xpath, "What is edited, from the root element: ./devices/memballoon/@model.",
            {.required = true}),
      field("set", &XmlEdit::set, "The new value of the selected attributes, or text of the selected elements.",
            {.may_be_empty = true}),
      field("add", &XmlEdit::add, "XML to append to each selected element."),
      field("delete", &XmlEdit::remove, "Remove what is selected."),
  };
  return fields;
}

}  // namespace vmtool::manifest
