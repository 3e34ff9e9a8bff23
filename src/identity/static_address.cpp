#include "identity/static_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "identity/text_edit.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

std::string without_prefix(const std::string& address) { return address.substr(0, address.find('/')); }

bool is_shared_by_nature(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("169.254.") || address.starts_with("0.0.0.0") ||
         address.starts_with("::1") || address.starts_with("fe80:") || address == "::";
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  replace_words(text, [&](const std::string& word) {
    words.push_back(word);
    return word;
  });
  return words;
}

std::size_t indent_of(std::string_view line) {
  return line.size() - util::trim(line).size() - (line.size() - line.find_last_not_of(" \t\r") - 1);
}

// "addresses:" of an interface; the same key below "nameservers:" lists servers.
std::vector<std::string> in_netplan(const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  std::size_t list_indent = 0;
  std::size_t servers_indent = 0;
  bool in_list = false;
  bool in_servers = false;
  for (const std::string& line : lines) {
    const std::string_view text = util::trim(line);
    if (text.empty() || text.starts_with('#')) continue;
    const std::size_t indent = indent_of(line);
    if (in_servers && indent <= servers_indent) in_servers = false;
    if (in_list && (indent < list_indent || (indent == list_indent && !text.starts_with('-')))) in_list = false;
    if (text.starts_with("nameservers:")) {
      in_servers = true;
      servers_indent = indent;
      continue;
    }
    if (in_servers) continue;
    const bool starts_list = text.starts_with("addresses:");
    if (starts_list) {
      in_list = true;
      list_indent = indent;
    }
    if (!in_list) continue;
    for (std::string word : words_of(text)) {
      // An item with options of its own: "- 10.0.0.5/24:".
      if (word.ends_with(':') && word.find('/') != std::string::npos) word.pop_back();
      if (is_address(word)) found.push_back(word);
    }
  }
  return found;
}

// "KEY=value" files: networkd's "Address=", ifcfg's "IPADDR0=", NetworkManager's "address1=10.0.0.5/24,10.0.0.1".
std::vector<std::string> in_assignments(const std::vector<std::string>& lines, std::string_view key) {
  std::vector<std::string> found;
  for (const std::string& line : lines) {
    const std::string_view text = util::trim(line);
    const std::size_t equals = text.find('=');
    if (equals == text.npos || !text.starts_with(key)) continue;
    const std::string_view rest = util::trim(text.substr(key.size(), equals - key.size()));
    if (!std::all_of(rest.begin(), rest.end(), [](unsigned char c) { return std::isdigit(c) != 0 || c == '_'; }))
      continue;
    const std::vector<std::string> words = words_of(text.substr(equals + 1));
    if (!words.empty() && is_address(words.front())) found.push_back(words.front());
  }
  return found;
}

// "iface eth0 inet static" and the "address" line of its stanza.
std::vector<std::string> in_interfaces(const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  bool is_static = false;
  for (const std::string& line : lines) {
    const std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    if (words[0] == "iface") is_static = words.size() > 3 && words[3] == "static";
    if (is_static && words[0] == "address" && words.size() > 1 && is_address(words[1])) found.push_back(words[1]);
  }
  return found;
}

std::vector<std::string> all_in(std::string_view path, std::string_view content) {
  const std::vector<std::string> lines = util::split(content, '\n');
  if (path.starts_with("/etc/netplan/")) return in_netplan(lines);
  if (path.starts_with("/etc/systemd/network/"))
    return path.ends_with(".network") || path.ends_with(".conf") ? in_assignments(lines, "Address")
                                                                 : std::vector<std::string>();
  if (path.starts_with("/etc/network/")) return in_interfaces(lines);
  if (path == "/etc/dhcpcd.conf") return in_assignments(lines, "static ip_address");
  if (path.starts_with("/etc/NetworkManager/")) return in_assignments(lines, "address");
  std::vector<std::string> found = in_assignments(lines, "IPADDR");
  const std::vector<std::string> more = in_assignments(lines, "IPV6ADDR");
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

}  // namespace

bool is_address(const std::string& text) {
  const std::string address = without_prefix(text);
  if (address.size() != text.size() && !util::parse_decimal(text.substr(address.size() + 1), 128)) return false;
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return ::inet_pton(AF_INET, address.c_str(), parsed.data()) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), parsed.data()) == 1;
}

std::vector<std::string> static_addresses(std::string_view path, std::string_view content) {
  std::vector<std::string> found = all_in(path, content);
  std::erase_if(found, is_shared_by_nature);
  return found;
}

std::string replace_address(std::string_view content, const std::string& old_address, const std::string& new_address) {
  const std::string old_bare = without_prefix(old_address);
  const std::string new_bare = without_prefix(new_address);
  return replace_words(content, [&](const std::string& word) {
    const std::string tail = word.ends_with(':') && word.find('/') != word.npos ? ":" : "";
    const std::string address = word.substr(0, word.size() - tail.size());
    if (without_prefix(address) != old_bare) return word;
    const bool both_have_prefix = address != old_bare && new_address != new_bare;
    return (both_have_prefix ? new_address : new_bare + address.substr(old_bare.size())) + tail;
  });
}

}  // namespace vmtool::identity
