#include "manifest/templates.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "manifest/merge.hpp"
#include "manifest/parse.hpp"
#include "model/check.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

constexpr std::string_view extension = ".yaml";

}  // namespace

NodePtr Templates::resolve(const NodePtr& mapping, Faults& faults) {
  std::vector<std::string> chain;
  return resolve_below(mapping, chain, faults);
}

NodePtr Templates::resolve_below(const NodePtr& mapping, std::vector<std::string>& chain, Faults& faults) {
  const Node* base = mapping->find("base");
  if (base == nullptr) return mapping;
  if (base->type != Node::Type::text) {
    faults.add(base->place, "'base' must be the name of a template");
    return nullptr;
  }
  const std::string& name = base->text;
  if (const auto fault = model::fault_of_name(name)) {
    faults.add(base->place, fmt::format("'{}' is not the name of a template: {}", util::printable(name, 80), *fault));
    return nullptr;
  }
  if (std::find(chain.begin(), chain.end(), name) != chain.end()) {
    faults.add(base->place,
               fmt::format("template '{}' inherits from itself: {} → {}", name, fmt::join(chain, " → "), name));
    return nullptr;
  }
  chain.push_back(name);
  NodePtr found = load(name, base->place, faults);
  if (found) found = resolve_below(found, chain, faults);
  return found ? merge(found, without(mapping, "base")) : nullptr;
}

NodePtr Templates::load(const std::string& name, const Place& place, Faults& faults) {
  if (const auto known = loaded_.find(name); known != loaded_.end()) return known->second;
  NodePtr& kept = loaded_[name];
  for (const auto& folder : folders_) {
    const auto file = folder / (name + std::string(extension));
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) continue;
    kept = read(file, place, faults);
    return kept;
  }
  faults.add(place, fmt::format("there is no template '{}'", name), hint_for_missing(name));
  loaded_.erase(name);
  return nullptr;
}

NodePtr Templates::read(const std::filesystem::path& file, const Place& place, Faults& faults) {
  const std::size_t before = faults.size();
  try {
    texts_.emplace_back(file.native(), util::read_file(file, largest_file));
  } catch (const util::Error& error) {
    faults.add(place, fmt::format("the template can't be read: {}", error.message()));
    return nullptr;
  }
  const SourceText& text = texts_.back();
  const auto documents = parse(text, faults);
  if (documents.size() == 1 && documents.front().root->type == Node::Type::mapping) return documents.front().root;
  if (faults.size() == before) faults.add({&text, 0, 0}, "a template is one document, a mapping");
  return nullptr;
}

std::string Templates::hint_for_missing(const std::string& name) const {
  std::vector<std::string> names;
  std::vector<std::string> searched;
  for (const auto& folder : folders_) {
    searched.push_back(util::printable(folder.native()));
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == extension) names.push_back(entry.path().stem().native());
    }
  }
  std::sort(names.begin(), names.end());
  const auto meant = util::nearest(name, names);
  const std::string where =
      searched.empty() ? "no folder is searched" : fmt::format("searched in {}", util::join(searched, ", "));
  return meant ? fmt::format("did you mean '{}'? {}", *meant, where) : where;
}

}  // namespace vmtool::manifest
