#include "ops/seed_renewal.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::ops {
namespace {

struct Span {
  std::size_t begin;
  std::size_t end;
};

bool is_key_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; }

// Where a key's value stands, without its quotes. YAML and JSON agree as far as that goes.
std::optional<Span> find_value(std::string_view text, std::string_view key, std::size_t from = 0) {
  for (std::size_t at = text.find(key, from); at != text.npos; at = text.find(key, at + 1)) {
    if (at > 0 && is_key_char(text[at - 1])) continue;
    std::size_t next = at + key.size();
    if (next < text.size() && text[next] == '"') ++next;
    while (next < text.size() && (text[next] == ' ' || text[next] == '\t')) ++next;
    if (next >= text.size() || text[next] != ':') continue;
    ++next;
    while (next < text.size() && (text[next] == ' ' || text[next] == '\t')) ++next;
    if (next < text.size() && (text[next] == '"' || text[next] == '\'')) {
      const std::size_t end = text.find(text[next], next + 1);
      if (end != text.npos) return Span{next + 1, end};
    }
    const std::size_t end = std::min(text.find_first_of(",}#\r\n", next), text.size());
    return Span{next, next + util::trim(text.substr(next, end - next)).size()};
  }
  return std::nullopt;
}

void set_value(std::string& text, std::string_view key, const std::string& value) {
  if (const auto span = find_value(text, key)) {
    text.replace(span->begin, span->end - span->begin, value);
  } else if (const std::size_t brace = text.find_first_not_of(" \t\r\n"); brace != text.npos && text[brace] == '{') {
    text.insert(brace + 1, fmt::format("\"{}\": \"{}\", ", key, value));
  } else {
    text += fmt::format("{}{}: {}\n", text.empty() || text.back() == '\n' ? "" : "\n", key, value);
  }
}

// user-data may set the name itself: "hostname: web", "fqdn: web.example.org".
void replace_name(std::string& text, std::string_view key, const std::string& old_name, const std::string& new_name) {
  const auto span = find_value(text, key);
  if (!span || old_name.empty()) return;
  const std::string value = text.substr(span->begin, span->end - span->begin);
  if (value == old_name) text.replace(span->begin, value.size(), new_name);
  else if (value.starts_with(old_name + ".")) text.replace(span->begin, old_name.size(), new_name);
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void replace_mac(std::string& text, const identity::MacChange& change) {
  for (std::size_t at = 0; at + change.old_mac.size() <= text.size(); ++at) {
    if (same_letters(std::string_view(text).substr(at, change.old_mac.size()), change.old_mac))
      text.replace(at, change.old_mac.size(), change.new_mac);
  }
}

bool is_address_char(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == ':'; }

void replace_address(std::string& text, const identity::AddressChange& change) {
  const std::string& old = change.old_address;
  if (old.empty()) return;
  for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + 1)) {
    const std::size_t end = at + old.size();
    if ((at > 0 && is_address_char(text[at - 1])) || (end < text.size() && is_address_char(text[end]))) continue;
    text.replace(at, old.size(), change.new_address);
  }
}

}  // namespace

std::string seed_value(std::string_view text, std::string_view key) {
  const auto span = find_value(text, key);
  return span ? std::string(text.substr(span->begin, span->end - span->begin)) : std::string();
}

std::vector<storage::SeedFile> renew_seed(std::vector<storage::SeedFile> files, const SeedIdentity& identity) {
  const auto meta =
      std::find_if(files.begin(), files.end(), [](const storage::SeedFile& file) { return file.name == "meta-data"; });
  const std::string old_name = meta == files.end() ? std::string() : seed_value(meta->content, "local-hostname");
  if (meta == files.end()) files.push_back({"meta-data", ""});
  for (storage::SeedFile& file : files) {
    if (file.name == "meta-data") {
      set_value(file.content, "instance-id", identity.instance_id);
      set_value(file.content, "local-hostname", identity.hostname);
    } else if (file.name == "user-data" || file.name == "vendor-data") {
      for (const char* key : {"hostname", "fqdn"}) replace_name(file.content, key, old_name, identity.hostname);
    } else if (file.name == "network-config") {
      for (const identity::MacChange& change : identity.macs) replace_mac(file.content, change);
      for (const identity::AddressChange& change : identity.addresses) replace_address(file.content, change);
    }
  }
  return files;
}

}  // namespace vmtool::ops
