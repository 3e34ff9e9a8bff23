#include <algorithm>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "identity/network_files.hpp"
#include "identity/text_edit.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* macs_item_name = "mac-addresses";
constexpr const char* udev_rules = "/etc/udev/rules.d/*-persistent-net.rules";

bool is_new(const Options& options, const std::string& mac) {
  return std::any_of(options.macs.begin(), options.macs.end(),
                     [&](const MacChange& change) { return macs_in(change.new_mac) == std::vector{mac}; });
}

// A card that keeps its address, as in a machine that is not cloned.
void note_kept(Draft& draft, const Fact& file, const MacChange& change) {
  const std::vector<std::string> named = macs_in(draft.text(file));
  if (std::find(named.begin(), named.end(), macs_in(change.old_mac).front()) == named.end()) return;
  draft.note({.item = macs_item_name,
              .path = file.path,
              .status = Status::kept,
              .old_value = change.old_mac,
              .new_value = {},
              .reason = "the card keeps its address"});
}

// Returns whether the file names a card.
bool rewrite(Draft& draft, const Fact& file) {
  std::string text = draft.text(file);
  const std::string before = text;
  for (const MacChange& change : draft.options().macs) {
    if (change.old_mac == change.new_mac) {
      note_kept(draft, file, change);
      continue;
    }
    const std::string next = replace_mac(text, change.old_mac, change.new_mac);
    if (next == text) continue;
    text = next;
    draft.note({.item = macs_item_name,
                .path = file.path,
                .status = Status::renewed,
                .old_value = change.old_mac,
                .new_value = change.new_mac,
                .reason = {}});
  }
  if (text != before) draft.write(file, text);
  for (const std::string& mac : macs_in(text)) {
    if (is_new(draft.options(), mac)) continue;
    draft.note({.item = macs_item_name,
                .path = file.path,
                .status = Status::not_possible,
                .old_value = mac,
                .new_value = {},
                .reason = "no card of the machine is known to have this address"});
  }
  return !macs_in(before).empty();
}

void plan_macs(Draft& draft) {
  bool any = false;
  std::vector<const Fact*> files = draft.facts().matching(udev_rules);
  for (const char* pattern : network_file_patterns) {
    const auto more = draft.facts().matching(pattern);
    files.insert(files.end(), more.begin(), more.end());
  }
  for (const Fact* file : files) {
    if (file->has_content && rewrite(draft, *file)) any = true;
  }
  if (!any)
    draft.note(
        {.item = macs_item_name, .path = {}, .status = Status::absent, .old_value = {}, .new_value = {}, .reason = {}});
}

}  // namespace

Item mac_item() {
  Item item{macs_item_name,
            "rules and connections that match a network card by its address, rewritten from the old to the new one",
            {{udev_rules}},
            plan_macs};
  for (const char* pattern : network_file_patterns) item.interests.push_back({pattern});
  return item;
}

}  // namespace vmtool::identity
