#include "xml/clone.hpp"

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"
#include "xml/clone_draft.hpp"
#include "xml/document.hpp"
#include "xml/spaces.hpp"

namespace vmtool::xml {
namespace {

constexpr unsigned first_free_port = 1024;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

}  // namespace

const char* to_text(CloneStatus status) noexcept {
  switch (status) {
    case CloneStatus::renewed: return "renewed";
    case CloneStatus::automatic: return "automatic";
    case CloneStatus::removed: return "removed";
    case CloneStatus::kept: return "kept";
  }
  return "";
}

std::string path_for(std::string_view path, std::string_view old_name, std::string_view new_name) {
  const std::size_t slash = path.rfind('/');
  const std::string_view folder = slash == path.npos ? std::string_view() : path.substr(0, slash + 1);
  const std::string_view last = path.substr(folder.size());
  for (std::size_t at = last.find(old_name); at != last.npos && !old_name.empty(); at = last.find(old_name, at + 1)) {
    const std::size_t end = at + old_name.size();
    if ((at > 0 && is_word(last[at - 1])) || (end < last.size() && is_word(last[end]))) continue;
    return fmt::format("{}{}{}{}", folder, last.substr(0, at), new_name, last.substr(end));
  }
  return fmt::format("{}{}-{}", folder, new_name, last);
}

CloneDraft::CloneDraft(pugi::xml_node domain, const CloneValues& values, ClonedDomain& result)
    : domain_(domain),
      values_(values),
      result_(result),
      old_name_(domain.child("name").text().get()),
      old_uuid_(domain.child("uuid").text().get()) {}

std::string CloneDraft::fresh_hex(std::size_t digits) {
  std::vector<unsigned char> bytes((digits + 1) / 2);
  values_.random(bytes);
  return util::to_hex(bytes).substr(0, digits);
}

std::string CloneDraft::fresh_uuid() {
  util::Uuid uuid;
  values_.random(uuid.bytes);
  uuid.bytes[6] = static_cast<unsigned char>((uuid.bytes[6] & 0x0fU) | 0x40U);  // RFC 4122, 4.4
  uuid.bytes[8] = static_cast<unsigned char>((uuid.bytes[8] & 0x3fU) | 0x80U);
  return util::to_text(uuid);
}

void CloneDraft::renew(pugi::xml_attribute attribute, const std::string& item, const std::string& place,
                       const std::string& value) {
  const std::string old = attribute.value();
  if (old.empty()) return;
  attribute.set_value(value.c_str());
  note({.item = item, .place = place, .old_value = old, .new_value = value});
}

void CloneDraft::rename(pugi::xml_attribute path, const std::string& item, const std::string& place) {
  renew(path, item, place, path_for(path.value(), old_name_, values_.name));
}

unsigned CloneDraft::new_port(unsigned port) {
  const auto known = ports_.find(port);
  if (known != ports_.end()) return known->second;
  const auto is_taken = [&](unsigned candidate) {
    return candidate == port || values_.taken_ports.contains(candidate) ||
           std::any_of(ports_.begin(), ports_.end(), [&](const auto& pair) { return pair.second == candidate; });
  };
  unsigned candidate = port;
  while (is_taken(candidate)) candidate = candidate >= 65535 ? first_free_port : candidate + 1;
  ports_.emplace(port, candidate);
  return candidate;
}

ClonedDomain clone_domain(std::string_view source_xml, const CloneValues& values) {
  pugi::xml_document document = parse_root(source_xml, "domain", Spaces::kept);
  pugi::xml_node domain = document.document_element();
  ClonedDomain result;
  CloneDraft draft(domain, values, result);
  const std::string uuid = util::to_text(values.uuid);
  domain.remove_attribute("id");
  pugi::xml_node name = domain.child("name");
  if (!name) throw util::Error(util::Errc::invalid_input, "a domain without a name");
  name.text().set(values.name.c_str());
  draft.note({.item = "name", .old_value = draft.old_name(), .new_value = values.name});
  pugi::xml_node uuid_node = domain.child("uuid");
  if (!uuid_node) uuid_node = domain.insert_child_after("uuid", name);
  uuid_node.text().set(uuid.c_str());
  draft.note({.item = "uuid", .old_value = draft.old_uuid(), .new_value = uuid});
  clone_firmware(draft);
  clone_disks(draft);
  clone_interfaces(draft);
  clone_character_devices(draft);
  clone_other_devices(draft);
  clone_metadata(draft);
  result.xml = serialize(domain);
  return result;
}

std::string with_disk(std::string_view domain_xml, const std::string& target, const NewDisk& disk) {
  pugi::xml_document document = parse_root(domain_xml, "domain", Spaces::kept);
  for (pugi::xml_node node : document.document_element().child("devices").children("disk")) {
    if (node.child("target").attribute("dev").value() == target) place_disk(node, disk);
  }
  for (const pugi::xml_node mark : document.document_element().child("metadata").children()) {
    if (!is_in_space(mark, clone_mark_space)) continue;
    // What a clone owns moves with it.
    for (pugi::xml_node made : mark.children()) {
      if (made.attribute("target").value() == target) made.attribute("path").set_value(disk.path.c_str());
    }
  }
  return serialize(document.document_element());
}

}  // namespace vmtool::xml
