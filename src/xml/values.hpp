#pragma once
// Typed values in libvirt's XML. Nothing here throws: what can't be read is absent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "model/enum_text.hpp"
#include "util/bytes.hpp"

namespace vmtool::xml {

/// A whole number without sign.
std::optional<unsigned> read_unsigned(std::string_view text);

/// A size with libvirt's unit attribute (virScaleInteger): "k" and "KiB" are 1024, "KB" is 1000; without one,
/// `default_unit` bytes.
std::optional<util::Bytes> read_size(pugi::xml_node node, std::uint64_t default_unit);

/// With small letters for A to Z, as libvirt writes MAC addresses.
std::string lower_case(std::string text);

/// "yes", "on" or "1".
bool is_yes(std::string_view text);
/// "yes" or "no".
std::string_view yes_no(bool value);

/// Sets `target` where the word is one of the enumeration's.
template <class E>
void read_word(E& target, std::string_view word) {
  if (const auto value = model::from_text<E>(word)) target = *value;
}

}  // namespace vmtool::xml
