#include "ops/changes.hpp"

#include "manifest/fields.hpp"

namespace vmtool::ops {

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
  std::vector<Change> out;
  for (auto& [path, change] : changes) {
    if (change.from != change.to) out.push_back(std::move(change));
  }
  return out;
}

}  // namespace vmtool::ops
