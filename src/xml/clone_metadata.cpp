#include <algorithm>

#include <fmt/format.h>

#include "util/text.hpp"
#include "xml/clone_draft.hpp"
#include "xml/document.hpp"
#include "xml/metadata.hpp"
#include "xml/spaces.hpp"
#include "xml/template_mark.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {
namespace {

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// What vmtool keeps of the source is the clone's too, as far as it is still true.
void clone_own_words(CloneDraft& draft, pugi::xml_node machine, const std::map<std::string, std::string>& macs) {
  if (!machine) return;
  set(machine, "protected", "no");
  // The manifest describes the source; the clone is what its source was, and follows no file.
  while (machine.remove_child("vmtool:manifest")) {
  }
  for (pugi::xml_node disk : machine.children("vmtool:disk")) {
    const auto found = draft.values().disks.find(disk.attribute("target").value());
    if (found != draft.values().disks.end() && disk.attribute("volume"))
      disk.attribute("volume").set_value(file_name(found->second.path).c_str());
  }
  for (pugi::xml_node interface : machine.children("vmtool:interface")) {
    const auto mac = macs.find(interface.attribute("mac").value());
    if (mac != macs.end()) interface.attribute("mac").set_value(mac->second.c_str());
    const pugi::xml_attribute address = interface.attribute("address");
    const auto found = draft.values().addresses.find(address.value());
    if (!address || found == draft.values().addresses.end()) continue;
    if (found->second.empty()) interface.remove_attribute(address);
    else interface.attribute("address").set_value(found->second.c_str());
  }
}

// The seed was made anew, so that its digest is no manifest's any more.
void clone_seed(CloneDraft& draft, pugi::xml_node machine) {
  pugi::xml_node seed = machine.child("vmtool:seed");
  for (const CloneItem& item : draft.items()) {
    if (item.item == "disk" && item.status == CloneStatus::renewed &&
        item.old_value == seed.attribute("path").value()) {
      seed.attribute("path").set_value(item.new_value.c_str());
      seed.attribute("digest").set_value("");
    }
  }
}

void write_mark(pugi::xml_node metadata, const CloneMark& mark) {
  pugi::xml_node node = append(metadata, "vmtool-clone:clone");
  set(node, "xmlns:vmtool-clone", clone_mark_space);
  set(node, "source", mark.source);
  set(node, "sourceUuid", mark.source_uuid);
  set(node, "mode", mark.mode);
  for (const auto& [target, path] : mark.disks) {
    pugi::xml_node disk = append(node, "vmtool-clone:disk");
    set(disk, "target", target);
    set(disk, "path", path);
  }
}

std::map<std::string, std::string> mac_changes(const std::vector<CloneItem>& items) {
  std::map<std::string, std::string> macs;
  for (const CloneItem& item : items) {
    if (item.item == "mac") macs.emplace(lower_case(item.old_value), item.new_value);
  }
  return macs;
}

}  // namespace

void clone_metadata(CloneDraft& draft) {
  pugi::xml_node domain = draft.domain();
  pugi::xml_node metadata = domain.child("metadata");
  if (!metadata) metadata = domain.insert_child_after("metadata", domain.child("uuid"));
  for (pugi::xml_node node = metadata.first_child(); node;) {
    const pugi::xml_node next = node.next_sibling();
    if (is_in_space(node, clone_mark_space) || is_in_space(node, template_space)) metadata.remove_child(node);
    node = next;
  }
  clone_own_words(draft, find_metadata(domain, "vmtool:machine"), mac_changes(draft.items()));
  clone_seed(draft, find_metadata(domain, "vmtool:machine"));
  write_mark(metadata, draft.values().mark);
}

}  // namespace vmtool::xml
