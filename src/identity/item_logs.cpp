// What the source has written about itself: emptied only where the user asks for it.
#include <algorithm>
#include <array>
#include <cctype>

#include "identity/items.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* log_pattern = "/var/log/**";
constexpr const char* journal_directory = "/var/log/journal/";

constexpr std::array<const char*, 9> history_names{".bash_history",   ".zsh_history",   ".sh_history",
                                                   ".python_history", ".lesshst",       ".viminfo",
                                                   ".wget-hsts",      ".mysql_history", ".psql_history"};

// "syslog.1", "dpkg.log.2.gz", "messages-20260101": a file that logrotate has put aside.
bool is_rotated(const std::string& path) {
  for (const char* packed : {".gz", ".xz", ".zst", ".bz2", ".old"}) {
    if (path.ends_with(packed)) return true;
  }
  const std::size_t last = path.find_last_not_of("0123456789");
  const std::size_t digits = path.size() - last - 1;
  return (digits > 0 && digits <= 3 && path[last] == '.') || (digits == 8 && path[last] == '-');
}

void note(Draft& draft, const char* item, const std::string& path, Status status) {
  draft.note({.item = item, .path = path, .status = status, .old_value = {}, .new_value = {}, .reason = {}});
}

// A log that a program expects keeps its name, owner and mode; journals and what was put aside go.
void plan_logs(Draft& draft) {
  bool any = false;
  for (const Fact* file : draft.facts().matching(log_pattern)) {
    if (file->kind != Kind::file || file->is_link || file->size == 0) continue;
    any = true;
    if (file->path.starts_with(journal_directory) || is_rotated(file->path)) draft.remove(file->path);
    else draft.write(*file, "");
  }
  note(draft, "logs", any ? "/var/log" : "", any ? Status::removed : Status::absent);
}

void plan_histories(Draft& draft) {
  bool any = false;
  for (const char* home : {"/root/", "/home/*/"}) {
    for (const char* name : history_names) {
      for (const Fact* file : draft.facts().matching(std::string(home) + name)) {
        if (file->kind == Kind::directory) continue;
        any = true;
        draft.remove(file->path);
        note(draft, "histories", file->path, Status::removed);
      }
    }
  }
  if (!any) note(draft, "histories", "", Status::absent);
}

}  // namespace

Item log_item() {
  return {"logs", "what the source has logged; only with --clean", {{log_pattern, Interest::Content::skip}}, plan_logs};
}

Item history_item() {
  Item item{"histories", "what was typed in shells and tools of the source; only with --clean", {}, plan_histories};
  for (const char* home : {"/root/", "/home/*/"}) {
    for (const char* name : history_names)
      item.interests.push_back({std::string(home) + name, Interest::Content::skip});
  }
  return item;
}

}  // namespace vmtool::identity
