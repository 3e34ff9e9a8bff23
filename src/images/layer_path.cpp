#include "images/layer_path.hpp"

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";
constexpr std::string_view aufs_prefix = ".wh..wh.";

Error refused(std::string_view name, const char* why) {
  return {Errc::invalid_input, fmt::format("the entry '{}' {}", util::printable(name), why)};
}

}  // namespace

std::string clean_layer_path(std::string_view name) {
  std::string out;
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t slash = std::min(name.find('/', from), name.size());
    const std::string_view part = name.substr(from, slash - from);
    from = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") throw refused(name, "leads out of its directory by '..'");
    if (part.size() > longest_component) throw refused(name, "has a name of more than 255 bytes");
    if (!out.empty()) out += '/';
    out += part;
    if (out.size() > longest_path) throw refused(name, "is longer than 4095 bytes");
  }
  return out;
}

LayerName split_layer_path(const std::string& clean_path) {
  const std::size_t slash = clean_path.rfind('/');
  if (slash == std::string::npos) return {Meaning::entry, "", clean_path};
  return {Meaning::entry, clean_path.substr(0, slash), clean_path.substr(slash + 1)};
}

LayerName parse_layer_name(const std::string& clean_path) {
  LayerName out = split_layer_path(clean_path);
  if (!out.name.starts_with(whiteout_prefix)) return out;
  if (out.name == opaque_name) return {Meaning::opaque, out.parent, ""};
  if (out.name.starts_with(aufs_prefix)) return {Meaning::ignored, out.parent, out.name};
  out.meaning = Meaning::whiteout;
  out.name.erase(0, whiteout_prefix.size());
  if (out.name.empty() || out.name == "." || out.name == "..") throw refused(clean_path, "is a whiteout of no file");
  return out;
}

}  // namespace vmtool::images
