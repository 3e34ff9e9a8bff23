// Boot loader entries that carry the machine-id in their name (uapi-group.org, "Boot Loader Specification", type 1):
// kernel-install and grubby find theirs by it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "identity/machine_id.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* boot_entries_item_name = "boot-entries";
constexpr const char* entries_pattern = "/boot/loader/entries/*.conf";
constexpr std::array<const char*, 2> grub_environments{"/boot/grub2/grubenv", "/boot/grub/grubenv"};
constexpr const char* token_path = "/etc/kernel/entry-token";
constexpr std::array<const char*, 2> token_settings{"/etc/machine-info", "/etc/kernel/install.conf"};

std::string name_of(const Fact& file) { return file.path.substr(file.path.rfind('/') + 1); }

std::string replaced(std::string text, const std::string& old_text, const std::string& new_text) {
  for (std::size_t at = text.find(old_text); at != std::string::npos; at = text.find(old_text, at + new_text.size()))
    text.replace(at, old_text.size(), new_text);
  return text;
}

// A kernel in a directory of that name stays there: on the EFI partition nothing is renamed.
bool points_into_directory(const std::string& content, const std::string& id) {
  return content.find("/" + id + "/") != std::string::npos;
}

void rename_entry(Draft& draft, const Fact& entry, const std::string& old_id, const std::string& new_id) {
  const std::string new_path = replaced(entry.path, "/" + old_id + "-", "/" + new_id + "-");
  Outcome outcome{.item = boot_entries_item_name,
                  .path = entry.path,
                  .status = Status::renewed,
                  .old_value = name_of(entry),
                  .new_value = new_path.substr(new_path.rfind('/') + 1),
                  .reason = {}};
  if (points_into_directory(entry.content, old_id)) {
    outcome.status = Status::not_possible;
    outcome.new_value.clear();
    outcome.reason = "its kernel lies in a directory of that name";
  } else {
    draft.remove(entry.path);
    draft.create(new_path, replaced(entry.content, old_id, new_id), entry.owner);
  }
  draft.note(std::move(outcome));
}

// What else names an entry: the saved choice of GRUB (a file of fixed size, as both ids are), and kernel-install's own settings.
void follow(Draft& draft, const std::string& path, const std::string& old_id, const std::string& new_id) {
  const Fact* file = draft.facts().file(path);
  if (file == nullptr || file->content.find(old_id) == std::string::npos) return;
  draft.write(*file, replaced(draft.text(*file), old_id, new_id));
  draft.note({.item = boot_entries_item_name,
              .path = path,
              .status = Status::renewed,
              .old_value = old_id,
              .new_value = new_id,
              .reason = {}});
}

void plan_boot_entries(Draft& draft) {
  const Fact* etc = draft.facts().file("/etc/machine-id");
  const std::string old_id = etc == nullptr ? std::string() : std::string(util::trim(etc->content));
  const std::string& new_id = draft.report().machine_id;
  std::vector<const Fact*> entries;
  if (is_machine_id(old_id)) {
    for (const Fact* file : draft.facts().matching(entries_pattern)) {
      if (file->has_content && !file->is_link && name_of(*file).starts_with(old_id + "-")) entries.push_back(file);
    }
  }
  if (entries.empty())
    return draft.note({.item = boot_entries_item_name,
                       .path = {},
                       .status = Status::absent,
                       .old_value = {},
                       .new_value = {},
                       .reason = {}});
  if (new_id.empty()) {
    return draft.note({.item = boot_entries_item_name,
                       .path = "/boot/loader/entries",
                       .status = Status::kept,
                       .old_value = old_id,
                       .new_value = {},
                       .reason = "there is no new machine-id to name them by"});
  }
  const bool stays = std::any_of(entries.begin(), entries.end(),
                                 [&](const Fact* entry) { return points_into_directory(entry->content, old_id); });
  for (const Fact* entry : entries) rename_entry(draft, *entry, old_id, new_id);
  if (stays) return;
  for (const char* path : grub_environments) follow(draft, path, old_id, new_id);
  follow(draft, token_path, old_id, new_id);
  for (const char* path : token_settings) follow(draft, path, old_id, new_id);
}

}  // namespace

Item boot_entry_item() {
  Item item{boot_entries_item_name,
            "boot loader entries that are named by the machine-id, and what names them",
            {{entries_pattern}, {token_path}},
            plan_boot_entries};
  for (const char* path : grub_environments) item.interests.push_back({path});
  for (const char* path : token_settings) item.interests.push_back({path});
  return item;
}

}  // namespace vmtool::identity
