#include <fmt/format.h>

#include "identity/items.hpp"
#include "identity/machine_id.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr const char* machine_id_item_name = "machine-id";
constexpr const char* etc_path = "/etc/machine-id";
constexpr const char* dbus_path = "/var/lib/dbus/machine-id";

// The new content of /etc/machine-id.
std::string new_content(const Draft& draft) {
  const std::string& mode = draft.options().machine_id;
  if (mode == "empty") return {};
  if (mode == "uninitialized") return "uninitialized\n";
  if (mode == "random") return random_machine_id(draft.fresh().random) + "\n";
  if (mode != "uuid") return mode + "\n";
  std::string digits = draft.options().uuid;
  std::erase(digits, '-');
  return digits + "\n";
}

std::string shown(const std::string& content) { return std::string(util::trim(content)); }

void refuse_fact(Draft& draft, const Fact& fact) {
  const std::string why =
      fact.kind == Kind::symlink ? "is a link that leads nowhere: the guest makes its id at each boot"
      : fact.kind != Kind::file  ? "is not a regular file"
      : fact.is_link ? fmt::format("is a link to '{}', which holds no machine-id", util::printable(fact.target))
                     : "holds no machine-id";
  draft.refuse({.item = machine_id_item_name,
                .path = fact.path,
                .status = Status::not_possible,
                .old_value = {},
                .new_value = {},
                .reason = {}},
               Error(Errc::conflict, fmt::format("'{}' in the guest {}", fact.path, why))
                   .hint("'--keep machine-id' leaves it as it is"));
}

bool holds_id(const Fact& fact) {
  return fact.kind == Kind::file && fact.has_content && is_machine_id_file(fact.content);
}

// D-Bus reads its own copy first, and systemd takes the id from it where its own is empty (src/shared/machine-id-setup.c
// of systemd): so the copy must say the same, and for an emptied id it must not be a copy at all.
void plan_dbus(Draft& draft, const std::string& content, const std::string& etc_real_path) {
  const Fact* copy = draft.facts().find(dbus_path);
  Outcome outcome{.item = machine_id_item_name,
                  .path = dbus_path,
                  .status = Status::renewed,
                  .old_value = {},
                  .new_value = shown(content),
                  .reason = {}};
  if (copy == nullptr) {
    outcome.status = Status::absent;
    outcome.new_value.clear();
  } else if (copy->is_link && copy->real_path == etc_real_path) {
    outcome.status = Status::kept;
    outcome.new_value.clear();
    outcome.reason = "a link to /etc/machine-id";
  } else if (copy->kind == Kind::directory || copy->kind == Kind::other) {
    return refuse_fact(draft, *copy);
  } else if (const bool sets_id = is_machine_id(shown(content)); sets_id && holds_id(*copy)) {
    outcome.old_value = shown(copy->content);
    draft.write(*copy, content);
  } else {
    outcome.old_value = copy->is_link ? "a link to " + util::printable(copy->target) : shown(copy->content);
    outcome.new_value = "a link to /etc/machine-id";
    draft.link(dbus_path, etc_path);
  }
  draft.note(std::move(outcome));
}

void warn_about_traces(Draft& draft, const std::string& old_id) {
  for (const char* pattern : {"/etc/kernel/cmdline", "/etc/default/grub", "/boot/loader/entries/*.conf",
                              "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"}) {
    for (const Fact* file : draft.facts().matching(pattern)) {
      if (file->content.find("systemd.machine_id=") == std::string::npos) continue;
      draft.report().warnings.push_back(
          fmt::format("'{}' sets systemd.machine_id, which overrides the new machine-id at boot", file->path));
    }
  }
  if (old_id.empty()) return;
  if (!is_selected(draft.options(), "logs") && draft.facts().find("/var/log/journal/" + old_id) != nullptr) {
    draft.report().warnings.push_back(
        fmt::format("the journal of the old machine-id stays in '/var/log/journal/{}'", old_id));
  }
}

void plan_machine_id(Draft& draft) {
  const Fact* etc = draft.facts().find(etc_path);
  if (etc != nullptr && !holds_id(*etc)) return refuse_fact(draft, *etc);
  const std::string content = new_content(draft);
  const std::string old_id = etc == nullptr ? std::string() : shown(etc->content);
  if (!old_id.empty() && is_machine_id(shown(content)) && old_id == shown(content)) {
    throw Error(Errc::conflict, fmt::format("'{}' is the machine-id that the guest has already", old_id));
  }
  Outcome outcome{.item = machine_id_item_name,
                  .path = etc_path,
                  .status = Status::renewed,
                  .old_value = old_id,
                  .new_value = shown(content),
                  .reason = {}};
  if (etc != nullptr) draft.write(*etc, content);
  else draft.create(etc_path, content, {.mode = 0444, .uid = 0, .gid = 0});
  draft.note(std::move(outcome));
  plan_dbus(draft, content, etc != nullptr ? etc->real_path : etc_path);
  warn_about_traces(draft, is_machine_id(old_id) ? old_id : "");
  if (is_machine_id(shown(content))) draft.report().machine_id = shown(content);
}

}  // namespace

Item machine_id_item() {
  return {machine_id_item_name,
          "the id that systemd and D-Bus know the machine by, from which DHCP client ids are derived",
          {{etc_path},
           {dbus_path},
           {"/etc/kernel/cmdline"},
           {"/etc/default/grub"},
           {"/boot/loader/entries/*.conf"},
           {"/boot/grub/grub.cfg"},
           {"/boot/grub2/grub.cfg"},
           {"/var/log/journal/*", Interest::Content::skip}},
          plan_machine_id};
}

}  // namespace vmtool::identity
