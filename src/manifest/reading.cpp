#include "manifest/reading.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

// "disks[0].capacity" → "disks[0]" → "disks" → "".
std::string parent_of(const std::string& path) {
  const auto cut = path.find_last_of(".[");
  return cut == std::string::npos ? std::string() : path.substr(0, cut);
}

bool is_below(const std::string& path, const std::string& parent) {
  if (parent.empty()) return true;
  return path.compare(0, parent.size(), parent) == 0 &&
         (path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[');
}

}  // namespace

Place Reading::place_of(std::string path) const {
  for (;; path = parent_of(path)) {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
  }
}

bool Reading::expect(const Node& node, Node::Type type, const std::string& path) {
  if (node.type == type) return true;
  const std::string shown = util::printable(path, 120);
  if (node.type == Node::Type::faulty) {
    faulty_.insert(path);
    ++fault_count_;
  } else if (node.type == Node::Type::empty) {
    fault(node.place, path, fmt::format("'{}' has no value", shown), "give it one, or remove the key");
  } else {
    fault(node.place, path, fmt::format("'{}' must be {}, not {}", shown, describe(type), describe(node.type)));
  }
  return false;
}

void Reading::unknown_key(const Member& member, const std::string& path, const std::vector<std::string>& known) {
  const std::string shown = util::printable(member.key, 60);
  if (member.key == "<<") {
    fault(member.place, path, "unknown key '<<'",
          "merge keys are not part of the language: inherit from a template with 'base'");
    return;
  }
  const auto meant = util::nearest(member.key, known);
  fault(member.place, path, fmt::format("unknown key '{}'", shown),
        meant ? fmt::format("did you mean '{}'?", *meant) : fmt::format("known keys: {}", util::join(known, ", ")));
}

void Reading::missing_key(const Node& node, const std::string& path, std::string_view name, std::string_view type) {
  fault(node.place, path, fmt::format("key '{}' is missing", name), fmt::format("add '{}' ({})", name, type));
}

void Reading::guard(const Node& node, const std::string& path, const std::function<void()>& read) {
  try {
    read();
  } catch (const util::Error& error) {
    fault(node.place, path, error.message(), error.hint());
  }
}

void Reading::fault(const Place& place, const std::string& path, std::string message, std::string hint) {
  faults_.add(place, std::move(message), std::move(hint));
  faulty_.insert(path);
  ++fault_count_;
}

void Reading::add(model::Finding finding) {
  if (is_in_doubt(finding.path)) return;
  faults_.add(place_of(finding.path), std::move(finding.message), std::move(finding.hint));
}

void Reading::refuse_empty() {
  throw util::Error(util::Errc::invalid_input, "the text is empty").hint("give it a value, or remove the key");
}

bool Reading::is_in_doubt(const std::string& path) const {
  for (const std::string& faulty : faulty_) {
    if (is_below(faulty, path) || is_below(path, faulty)) return true;
  }
  return false;
}

std::string absolute_path(const std::string& path, const Place& place) {
  if (path.substr(0, 2) == "~/") {
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home == '\0') {
      throw util::Error(util::Errc::invalid_input,
                        fmt::format("'{}' needs HOME, which is not set", util::printable(path)));
    }
    return (std::filesystem::path(home) / path.substr(2)).lexically_normal();
  }
  const std::string& file = place.source->name();
  const auto folder = file == "-" ? std::filesystem::path() : std::filesystem::path(file).parent_path();
  return std::filesystem::absolute(folder / path).lexically_normal();
}

}  // namespace vmtool::manifest
