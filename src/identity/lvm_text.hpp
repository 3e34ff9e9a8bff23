#pragma once
// LVM2's metadata text (lib/format_text of LVM2): sections of settings, as vgcfgbackup(8) writes them.
//
//   vg0 {
//     extent_size = 8192
//     logical_volumes {
//       root { segment1 { type = "striped" stripes = [ "pv0", 0 ] } } } }

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::identity {

/// One section. A setting is a list of its words; a single value is a list of one.
struct LvmSection {
  std::string name;  ///< empty for the whole text
  std::map<std::string, std::vector<std::string>> settings;
  std::vector<LvmSection> sections;  ///< in their order

  const LvmSection* find_section(std::string_view wanted) const;
  /// The first word of a setting; empty where there is none.
  std::string text(const std::string& setting) const;
  std::optional<std::uint64_t> number(const std::string& setting) const;
};

/// Reads the text up to a NUL byte. Throws Error{invalid_input} where it is no such text or nests too deeply.
LvmSection parse_lvm_text(std::string_view text);

}  // namespace vmtool::identity
