#pragma once
// Names in a layer: made harmless, and what the special ones mean (OCI image-spec, layer.md, "Whiteouts").

#include <string>
#include <string_view>

namespace vmtool::images {

inline constexpr std::size_t longest_path = 4095;      ///< PATH_MAX without its end
inline constexpr std::size_t longest_component = 255;  ///< NAME_MAX

/// A path below the root of a layer without "." and empty parts: "/etc//./x" is "etc/x", "./" is "". Throws Error{invalid_input} for a ".."
/// and for what is longer than a path or a name can be.
std::string clean_layer_path(std::string_view name);

/// What an entry of a layer stands for.
enum class Meaning {
  entry,     ///< itself
  whiteout,  ///< hides `name` of the layers below
  opaque,    ///< hides everything that the layers below have in `parent`
  ignored,   ///< a mark of aufs, which means nothing here
};

struct LayerName {
  Meaning meaning = Meaning::entry;
  std::string parent;  ///< "" is the root
  std::string name;    ///< without the mark; "" for the root itself and for Meaning::opaque
};

/// Takes a clean path apart, whatever its name may mean.
LayerName split_layer_path(const std::string& clean_path);

/// The same, with the meaning of its name. Throws Error{invalid_input} for a whiteout of nothing, of "." or of "..".
LayerName parse_layer_name(const std::string& clean_path);

}  // namespace vmtool::images
