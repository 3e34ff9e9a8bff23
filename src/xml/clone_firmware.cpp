// What firmware and kernel tell the guest about itself.
#include <fmt/format.h>

#include "util/text.hpp"
#include "xml/clone_draft.hpp"

namespace vmtool::xml {
namespace {

constexpr std::string_view machine_id_credential = "system.machine_id";

// A serial number may be cloud-init's instead of a number: "ds=nocloud;i=web;h=web" (NoCloud, DMI-specific kernel command line).
std::string new_serial(CloneDraft& draft, const std::string& old) {
  if (old == draft.old_uuid()) return util::to_text(draft.values().uuid);
  if (!old.starts_with("ds=nocloud")) return draft.fresh_hex(std::clamp<std::size_t>(old.size(), 8, 32));
  std::vector<std::string> parts = util::split(old, ';');
  for (std::string& part : parts) {
    if (part.starts_with("i=") || part.starts_with("instance-id="))
      part = fmt::format("i={}-{}", draft.values().name, draft.fresh_hex(8));
    if (part.starts_with("h=") || part.starts_with("local-hostname=")) part = fmt::format("h={}", draft.values().name);
  }
  return util::join(parts, ";");
}

void renew_entry(CloneDraft& draft, pugi::xml_node entry, const std::string& item, const std::string& place,
                 const std::string& value) {
  const std::string old = entry.text().get();
  entry.text().set(value.c_str());
  draft.note({.item = item, .place = place, .old_value = old, .new_value = value});
}

// An id that comes with the machine would win over the one inside, or bring the source's to an emptied disk.
void remove_credentials(CloneDraft& draft, pugi::xml_node parent) {
  for (pugi::xml_node entry = parent.child("entry"); entry;) {
    const pugi::xml_node next = entry.next_sibling("entry");
    const std::string text = fmt::format("{} {}", entry.attribute("name").value(), entry.text().get());
    if (text.find(machine_id_credential) != text.npos) {
      draft.note({.item = "machine-id-credential",
                  .status = CloneStatus::removed,
                  .old_value = std::string(util::trim(text))});
      parent.remove_child(entry);
    }
    entry = next;
  }
  if (std::string_view(parent.name()) == "oemStrings" && !parent.child("entry")) parent.parent().remove_child(parent);
}

void clone_sysinfo(CloneDraft& draft) {
  for (pugi::xml_node sysinfo : draft.domain().children("sysinfo")) {
    for (pugi::xml_node block : sysinfo.children()) {
      for (pugi::xml_node entry : block.children("entry")) {
        const std::string_view name = entry.attribute("name").value();
        if (name == "uuid") renew_entry(draft, entry, "smbios-uuid", block.name(), util::to_text(draft.values().uuid));
        if (name == "serial")
          renew_entry(draft, entry, "smbios-serial", block.name(), new_serial(draft, entry.text().get()));
      }
    }
    if (pugi::xml_node strings = sysinfo.child("oemStrings")) remove_credentials(draft, strings);
    remove_credentials(draft, sysinfo);
  }
}

void clone_nvram(CloneDraft& draft) {
  pugi::xml_node nvram = draft.domain().child("os").child("nvram");
  if (!nvram || draft.values().nvram.empty()) return;
  if (pugi::xml_node source = nvram.child("source")) {
    draft.renew(source.attribute("file"), "nvram", "", draft.values().nvram);
  } else if (nvram.text()) {
    renew_entry(draft, nvram, "nvram", "", draft.values().nvram);
  }
}

// Words of the kernel command line that name the machine (systemd.system-credentials(7), kernel-command-line(7)).
void clone_command_line(CloneDraft& draft) {
  pugi::xml_node node = draft.domain().child("os").child("cmdline");
  if (!node) return;
  std::vector<std::string> kept;
  for (std::string word : util::split(node.text().get(), ' ')) {
    const std::size_t equals = word.find('=');
    const std::string key = word.substr(0, equals);
    const std::string value = equals == word.npos ? std::string() : word.substr(equals + 1);
    if (key == "systemd.machine_id") {
      draft.note({.item = "kernel-command-line",
                  .place = key,
                  .status = CloneStatus::removed,
                  .old_value = value,
                  .reason = "it would win over the id inside"});
      continue;
    }
    if ((key == "hostname" || key == "systemd.hostname") && value == draft.old_name()) {
      draft.note({.item = "kernel-command-line", .place = key, .old_value = value, .new_value = draft.values().name});
      word = fmt::format("{}={}", key, draft.values().name);
    }
    if (key == "ip" && value.find_first_of("0123456789") == 0)
      draft.warn(fmt::format("the kernel command line gives the guest a fixed address: '{}'", word));
    kept.push_back(std::move(word));
  }
  node.text().set(util::join(kept, " ").c_str());
}

}  // namespace

void clone_firmware(CloneDraft& draft) {
  if (pugi::xml_node genid = draft.domain().child("genid")) {
    // Without a text libvirt makes a new one each time that it is defined.
    if (genid.text()) renew_entry(draft, genid, "genid", "", draft.fresh_uuid());
  }
  clone_sysinfo(draft);
  clone_nvram(draft);
  clone_command_line(draft);
}

}  // namespace vmtool::xml
