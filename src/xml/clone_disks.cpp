#include <fmt/format.h>

#include "xml/clone_draft.hpp"
#include "xml/document.hpp"

namespace vmtool::xml {
namespace {

// virtio shows at most 20 characters of a serial (virtio 1.2, 5.2.6.1); fewer than 8 are easily met twice.
constexpr std::size_t shortest_serial = 8;
constexpr std::size_t longest_serial = 20;
// The first digits of a WWN name the format and the vendor (FC-FS, name identifiers).
constexpr std::size_t vendor_digits = 7;

void remove(pugi::xml_node parent, const char* child) {
  while (parent.remove_child(child)) {
  }
}

std::string without_prefix(std::string wwn) { return wwn.starts_with("0x") ? wwn.substr(2) : wwn; }

void renew_text(CloneDraft& draft, pugi::xml_node node, const std::string& item, const std::string& place,
                const std::string& value) {
  const std::string old = node.text().get();
  if (old.empty()) return;
  node.text().set(value.c_str());
  draft.note({.item = item, .place = place, .old_value = old, .new_value = value});
}

std::string source_text(pugi::xml_node disk) {
  const pugi::xml_node source = disk.child("source");
  for (const char* name : {"file", "dev", "dir", "volume", "name"}) {
    if (source.attribute(name)) return source.attribute(name).value();
  }
  return {};
}

}  // namespace

void place_disk(pugi::xml_node disk, const NewDisk& where) {
  pugi::xml_node source = disk.child("source");
  if (std::string_view(disk.attribute("type").value()) == "volume" && !where.volume.empty()) {
    source.attribute("volume").set_value(where.volume.c_str());
  } else {
    set(disk, "type", "file");
    for (const char* name : {"dev", "pool", "volume", "mode"}) source.remove_attribute(name);
    set(source, "file", where.path);
  }
  pugi::xml_node driver = disk.child("driver");
  if (!driver) {
    driver = disk.prepend_child("driver");
    set(driver, "name", "qemu");
  }
  set(driver, "type", where.format);
  remove(disk, "mirror");
  if (where.is_new_chain) remove(disk, "backingStore");
}

void clone_disks(CloneDraft& draft) {
  for (pugi::xml_node disk : draft.devices().children("disk")) {
    const std::string target = disk.child("target").attribute("dev").value();
    const std::string old = source_text(disk);
    const auto found = draft.values().disks.find(target);
    if (found == draft.values().disks.end()) {
      if (!old.empty())
        draft.note({.item = "disk",
                    .place = target,
                    .status = CloneStatus::kept,
                    .old_value = old,
                    .new_value = old,
                    .reason = "shared with the source"});
      continue;
    }
    place_disk(disk, found->second);
    draft.note({.item = "disk", .place = target, .old_value = old, .new_value = source_text(disk)});
    const std::string serial = disk.child("serial").text().get();
    renew_text(draft, disk.child("serial"), "disk-serial", target,
               draft.fresh_hex(std::clamp(serial.size(), shortest_serial, longest_serial)));
    const std::string wwn = without_prefix(disk.child("wwn").text().get());
    renew_text(draft, disk.child("wwn"), "disk-wwn", target,
               wwn.substr(0, vendor_digits) + draft.fresh_hex(16 - std::min(wwn.size(), vendor_digits)));
  }
}

}  // namespace vmtool::xml
