#pragma once
// Changes of configuration text that keep everything else byte for byte.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::identity {

/// Replaces each word (between white space, "=", quotes, commas or brackets) by what `change` makes of it; comments
/// (from "#" to the end of the line) stay.
std::string replace_words(std::string_view text, const std::function<std::string(const std::string&)>& change);

/// Every MAC address in the text, lower case with colons, each once, in order.
std::vector<std::string> macs_in(std::string_view text);

/// Replaces a MAC address in whatever case and with ":" or "-"; the new one keeps that form.
std::string replace_mac(std::string_view text, std::string_view old_mac, std::string_view new_mac);

}  // namespace vmtool::identity
