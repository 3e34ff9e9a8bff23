#include "identity/fstab.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "util/text.hpp"

namespace vmtool::identity {
namespace {

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  std::string field;
  for (const char c : line) {
    if (c != ' ' && c != '\t' && c != '\r') {
      field += c;
    } else if (!field.empty()) {
      fields.push_back(std::exchange(field, {}));
    }
  }
  if (!field.empty()) fields.push_back(std::move(field));
  return fields;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      out += static_cast<char>(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// "UUID=x" and "/dev/disk/by-uuid/x" say the same.
std::pair<std::string, std::string> tag_of(const std::string& spec) {
  static constexpr std::array<std::pair<const char*, const char*>, 4> tags{{{"UUID", "/dev/disk/by-uuid/"},
                                                                            {"LABEL", "/dev/disk/by-label/"},
                                                                            {"PARTUUID", "/dev/disk/by-partuuid/"},
                                                                            {"PARTLABEL", "/dev/disk/by-partlabel/"}}};
  for (const auto& [tag, directory] : tags) {
    const std::string prefix = std::string(tag) + "=";
    if (spec.starts_with(directory)) return {tag, spec.substr(std::string_view(directory).size())};
    if (!spec.starts_with(prefix)) continue;
    std::string value = spec.substr(prefix.size());
    std::erase(value, '"');
    return {tag, value};
  }
  return {};
}

// "/dev/vda2", "/dev/sda", "/dev/nvme0n1p2".
bool is_kernel_name(const std::string& spec, int number, std::size_t disk) {
  if (disk > 25) return false;
  const std::string suffix = number == 0 ? "" : std::to_string(number);
  const char letter = static_cast<char>('a' + disk);
  for (const char* prefix : {"/dev/vd", "/dev/sd", "/dev/xvd", "/dev/hd"}) {
    if (spec == std::string(prefix) + letter + suffix) return true;
  }
  const std::string nvme = "/dev/nvme" + std::to_string(disk) + "n1";
  return spec == (number == 0 ? nvme : nvme + "p" + suffix);
}

// "/dev/vg/lv" or "/dev/mapper/vg-lv", where a dash of a name is doubled (lvm(8)).
bool is_volume_name(const std::string& spec, const std::string& volume) {
  if (spec == "/dev/" + volume) return true;
  std::string mapped = "/dev/mapper/";
  for (const char c : volume) mapped += c == '-' ? "--" : c == '/' ? "-" : std::string(1, c);
  return spec == mapped;
}

}  // namespace

std::vector<FstabEntry> parse_fstab(std::string_view text) {
  std::vector<FstabEntry> entries;
  for (const std::string& line : util::split(text, '\n')) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() < 3 || fields[0].starts_with('#')) continue;
    entries.push_back({.spec = unescape(fields[0]),
                       .mount_point = unescape(fields[1]),
                       .type = fields[2],
                       .options = util::split(fields.size() > 3 ? fields[3] : "defaults", ',')});
  }
  return entries;
}

bool names_partition(const std::string& spec, const Partition& partition, std::size_t disk) {
  const auto [tag, value] = tag_of(spec);
  if (value.empty() && !partition.volume.empty()) return is_volume_name(spec, partition.volume);
  if (value.empty()) return is_kernel_name(spec, partition.number, disk);
  if (tag == "UUID") return equal_without_case(value, partition.content_uuid);
  if (tag == "PARTUUID") return equal_without_case(value, partition.uuid);
  return value == (tag == "LABEL" ? partition.content_label : partition.name);
}

}  // namespace vmtool::identity
