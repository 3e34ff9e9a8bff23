#include <cctype>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "identity/text_edit.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* hostname_item_name = "hostname";

// What stands for the old name in other files, and what takes its place.
struct Renaming {
  std::string old_name;
  std::string new_name;

  static std::string short_of(const std::string& name) { return name.substr(0, name.find('.')); }

  std::string operator()(const std::string& word) const {
    const std::string old_short = short_of(old_name);
    if (word == old_name) return new_name;
    if (word == old_short) return short_of(new_name);
    if (!word.starts_with(old_short + ".")) return word;
    // The old name with a domain: the new name brings its own, or takes the old one over.
    return new_name.find('.') != std::string::npos ? new_name : new_name + word.substr(old_short.size());
  }
};

// The name is the first line that is no comment (hostname(5)).
std::string name_in(const std::string& content) {
  for (const std::string& line : util::split(content, '\n')) {
    const std::string_view text = util::trim(line);
    if (!text.empty() && !text.starts_with('#')) return std::string(text);
  }
  return {};
}

void rename_file(Draft& draft, const std::string& path, const Renaming& renaming) {
  const Fact* file = draft.facts().file(path);
  if (file == nullptr) return;
  const std::string old_text = draft.text(*file);
  const std::string new_text = replace_words(old_text, renaming);
  if (new_text == old_text) return;
  draft.write(*file, new_text);
  draft.note({.item = hostname_item_name,
              .path = path,
              .status = Status::renewed,
              .old_value = renaming.old_name,
              .new_value = renaming.new_name,
              .reason = {}});
}

void plan_hostname(Draft& draft) {
  const std::string& wanted = draft.options().hostname;
  const Fact* file = draft.facts().find("/etc/hostname");
  const std::string old_name = file != nullptr && file->has_content ? name_in(file->content) : std::string();
  Outcome outcome{.item = hostname_item_name,
                  .path = "/etc/hostname",
                  .status = Status::renewed,
                  .old_value = old_name,
                  .new_value = wanted,
                  .reason = {}};
  if (wanted.empty()) {
    outcome.status = Status::kept;
    outcome.reason = "no new name was given";
    return draft.note(std::move(outcome));
  }
  if (file != nullptr && (file->kind != Kind::file || !file->has_content)) {
    outcome.status = Status::not_possible;
    outcome.reason = "is not a regular file";
    return draft.note(std::move(outcome));
  }
  if (file != nullptr) draft.write(*file, wanted + "\n");
  else draft.create("/etc/hostname", wanted + "\n", {});
  draft.note(std::move(outcome));
  // "localhost" in /etc/hosts means something else.
  if (old_name.empty() || old_name == wanted || old_name.starts_with("localhost")) return;
  for (const char* path : {"/etc/hosts", "/etc/mailname", "/etc/salt/minion_id", "/etc/sysconfig/network"}) {
    rename_file(draft, path, {old_name, wanted});
  }
}

}  // namespace

Item hostname_item() {
  return {hostname_item_name,
          "the host's name, and the same name in /etc/hosts, /etc/mailname and salt's minion id",
          {{"/etc/hostname"}, {"/etc/hosts"}, {"/etc/mailname"}, {"/etc/salt/minion_id"}, {"/etc/sysconfig/network"}},
          plan_hostname};
}

}  // namespace vmtool::identity
