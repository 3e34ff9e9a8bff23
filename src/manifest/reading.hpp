#pragma once
// What the reading of one document has found: faults, and where each value stands.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/faults.hpp"
#include "manifest/node.hpp"
#include "model/check.hpp"
#include "util/error.hpp"

namespace vmtool::manifest {

class Reading {
 public:
  Reading(Faults& faults, Place document) : faults_(faults) { places_[""] = document; }

  /// Remembers where the value of a path stands.
  void note(const std::string& path, const Place& place) { places_[path] = place; }
  /// The place of a path's value, or of the nearest value that holds it.
  Place place_of(std::string path) const;

  /// Whether the node has this type; if not, says so.
  bool expect(const Node& node, Node::Type type, const std::string& path);
  void unknown_key(const Member& member, const std::string& path, const std::vector<std::string>& known);
  void missing_key(const Node& node, const std::string& path, std::string_view name, std::string_view type);
  /// Runs `read`; what it throws becomes a fault of the node.
  void guard(const Node& node, const std::string& path, const std::function<void()>& read);
  void fault(const Place& place, const std::string& path, std::string message, std::string hint = {});
  [[noreturn]] static void refuse_empty();

  /// A broken rule of the model, unless it may be broken only because a value at, above or below its path could not
  /// be read, which has been said.
  void add(model::Finding finding);

  std::size_t fault_count() const noexcept { return fault_count_; }

 private:
  bool is_in_doubt(const std::string& path) const;

  Faults& faults_;
  std::map<std::string, Place> places_;
  std::set<std::string> faulty_;
  std::size_t fault_count_ = 0;
};

/// A path of the host as a manifest gives it: "~/" is the home directory, a relative one starts at the folder of the
/// file that it stands in. Absolute and lexically normal. Throws Error{invalid_input} where HOME is not set.
std::string absolute_path(const std::string& path, const Place& place);

}  // namespace vmtool::manifest
