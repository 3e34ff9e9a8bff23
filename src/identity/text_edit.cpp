#include "identity/text_edit.hpp"

#include <algorithm>
#include <cctype>

namespace vmtool::identity {
namespace {

constexpr std::size_t mac_length = 17;

bool is_between_words(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("=\"',[]{}").find(c) != std::string_view::npos;
}

bool is_mac_at(std::string_view text, std::size_t at) {
  if (text.size() - at < mac_length) return false;
  const auto is_hex = [&](std::size_t i) { return std::isxdigit(static_cast<unsigned char>(text[i])) != 0; };
  // "00:11:22:33:44:55:66" is no MAC, nor is a part of a longer word.
  if (at > 0 && (is_hex(at - 1) || text[at - 1] == ':')) return false;
  const std::size_t after = at + mac_length;
  if (after < text.size() && (is_hex(after) || text[after] == ':')) return false;
  for (std::size_t i = 0; i < mac_length; ++i) {
    const char c = text[at + i];
    if (i % 3 == 2 ? (c != ':' && c != '-') || c != text[at + 2] : !is_hex(at + i)) return false;
  }
  return true;
}

std::string canonical(std::string_view mac) {
  std::string out(mac);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::replace(out.begin(), out.end(), '-', ':');
  return out;
}

std::string in_form_of(std::string_view form, std::string_view mac) {
  const bool upper = std::any_of(form.begin(), form.end(), [](unsigned char c) { return std::isupper(c) != 0; });
  std::string out = canonical(mac);
  std::replace(out.begin(), out.end(), ':', form[2]);
  if (upper)
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

}  // namespace

std::string replace_words(std::string_view text, const std::function<std::string(const std::string&)>& change) {
  std::string out;
  std::string word;
  bool in_comment = false;
  const auto finish_word = [&] {
    if (!word.empty()) out += change(word);
    word.clear();
  };
  for (const char c : text) {
    if (c == '\n') in_comment = false;
    if (c == '#' && word.empty()) in_comment = true;
    if (in_comment || is_between_words(c)) {
      finish_word();
      out += c;
    } else {
      word += c;
    }
  }
  finish_word();
  return out;
}

std::vector<std::string> macs_in(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_mac_at(text, at)) continue;
    std::string mac = canonical(text.substr(at, mac_length));
    if (std::find(found.begin(), found.end(), mac) == found.end()) found.push_back(std::move(mac));
    at += mac_length - 1;
  }
  return found;
}

std::string replace_mac(std::string_view text, std::string_view old_mac, std::string_view new_mac) {
  const std::string wanted = canonical(old_mac);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view here = text.substr(at, mac_length);
    if (is_mac_at(text, at) && canonical(here) == wanted) {
      out += in_form_of(here, new_mac);
      at += mac_length;
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace vmtool::identity
