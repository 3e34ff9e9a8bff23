#include "ops/changes.hpp"

#include <algorithm>

#include "manifest/fields.hpp"

namespace vmtool::ops {
namespace {

// "disks[root].capacity" → "disks[].capacity", as the field table writes it.
std::string table_path(const std::string& path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == ']') inside = false;
    if (!inside) out += c;
    if (c == '[') inside = true;
  }
  return out;
}

}  // namespace

std::vector<Change> changes_between(const model::Object& now, const model::Object& wanted) {
  const auto from = manifest::flatten(now);
  const auto to = manifest::flatten(wanted);
  std::map<std::string, Change> changes;
  for (const auto& [path, text] : from) changes[path] = {path, text, "", Effect::next_start};
  for (const auto& [path, text] : to) {
    Change& change = changes[path];
    change.path = path;
    change.to = text;
  }
  const auto rows = manifest::fields_of(model::kind_of(wanted));
  std::vector<Change> out;
  for (auto& [path, change] : changes) {
    if (change.from == change.to) continue;
    // A field at its default is not in the map: the table knows what that is.
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const manifest::FieldDoc& field) {
      return field.path == table_path(change.path);
    });
    if (row != rows.end() && change.from.empty()) change.from = row->fallback;
    if (row != rows.end() && change.to.empty()) change.to = row->fallback;
    out.push_back(std::move(change));
  }
  return out;
}

}  // namespace vmtool::ops
