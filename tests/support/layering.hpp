#pragma once
// Which room may include what: the declarations of cmake/vmtool_room.cmake against the #include lines of src/.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::tests {

/// What <build>/layering.txt declares.
struct Layering {
  struct Room {
    std::set<std::string> uses;
    std::set<std::string> externals;
  };
  std::map<std::string, Room> rooms;
  std::map<std::string, std::vector<std::string>>
      externals;  ///< library → header spellings; one ending in / is a prefix

  /// The room itself and every room that it reaches by USES.
  std::set<std::string> reachable(const std::string& room) const;
  /// The library that a header `<spelling>` belongs to; empty: none.
  std::string external_of(std::string_view spelling) const;
};

/// Reads lines "room<TAB>name<TAB>uses,…<TAB>externals,…" and "external<TAB>name<TAB>headers,…".
/// Throws util::Error{invalid_input} for any other line.
Layering read_layering(std::string_view text);

/// The complaints about one source file of `room`, each "path:line: …".
std::vector<std::string> check_includes(const Layering& layering, const std::string& room, const std::string& path,
                                        std::string_view source);

/// The rooms that reach themselves by USES.
std::vector<std::string> find_cycles(const Layering& layering);

}  // namespace vmtool::tests
