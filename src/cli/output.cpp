#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::cli {
namespace {

// The width in columns, for the Latin and Cyrillic of names; a code point is a column.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

std::string cell_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return util::printable(value.get<std::string>());
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) return value.dump();
  std::string out;
  for (const Json& item : value) out += (out.empty() ? "" : ",") + cell_text(item);
  return out;
}

void print_table(const Listing& listing) {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : listing.columns) lines[0].push_back(column.title);
  for (const Json& row : listing.rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const Column& column : listing.columns) {
      std::string text = column.cell(row);
      line.push_back(text.empty() ? "-" : std::move(text));
    }
  }
  std::vector<std::size_t> widths(listing.columns.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += line[i];
      if (i + 1 < line.size()) out.append(widths[i] - width_of(line[i]) + 2, ' ');
    }
    out += '\n';
  }
  fmt::print("{}", out);
}

bool is_plain(const std::string& text) {
  const auto safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '/' || c == '.' ||
           (c >= '0' && c <= '9');
  };
  if (text.empty() || !((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') || text[0] == '/'))
    return false;
  static constexpr std::array<std::string_view, 8> words{"true", "false", "null", "yes", "no", "on", "off", "y"};
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::all_of(text.begin(), text.end(), safe) && std::find(words.begin(), words.end(), lower) == words.end() &&
         lower != "n";
}

// A log or a name of the host need not be UTF-8.
std::string quoted(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

void emit(const Json& value, std::size_t indent, std::string& out) {
  const std::string pad(indent, ' ');
  if (value.is_object() && !value.empty()) {
    bool first = true;
    for (const auto& [key, item] : value.items()) {
      out += first ? "" : pad;
      first = false;
      out += is_plain(key) ? key : quoted(Json(key));
      const bool nested = (item.is_object() || item.is_array()) && !item.empty();
      out += nested ? ":\n" + std::string(indent + 2, ' ') : ": ";
      emit(item, indent + 2, out);
    }
  } else if (value.is_array() && !value.empty()) {
    bool first = true;
    for (const Json& item : value) {
      out += first ? "- " : pad + "- ";
      first = false;
      emit(item, indent + 2, out);
    }
  } else {
    out += value.is_string() && is_plain(value.get<std::string>()) ? value.get<std::string>() : quoted(value);
    out += '\n';
  }
}

void print_fields(const Json& record, const std::string& prefix) {
  for (const auto& [key, value] : record.items()) {
    if (value.is_object()) {
      print_fields(value, prefix + key + ".");
    } else if (value.is_array() && !value.empty() && value[0].is_object()) {
      for (const Json& item : value) {
        std::string line;
        for (const auto& [name, part] : item.items()) {
          const std::string text = cell_text(part);
          if (!text.empty()) line += fmt::format("{}{}={}", line.empty() ? "" : " ", name, text);
        }
        fmt::print("{:<16} {}\n", prefix + key, line);
      }
    } else {
      const std::string text = cell_text(value);
      fmt::print("{:<16} {}\n", prefix + key, text.empty() ? "-" : text);
    }
  }
}

}  // namespace

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Column field(const std::string& title, const std::string& key) {
  return {title, [key](const Json& row) { return cell_text(row.at(key)); }};
}

std::string to_yaml(const Json& value) {
  std::string out;
  emit(value, 0, out);
  return out;
}

void print(const Listing& listing, OutputFormat format) {
  if (format == OutputFormat::table) return print_table(listing);
  if (format == OutputFormat::name) {
    for (const Json& row : listing.rows) fmt::print("{}\n", cell_text(row.at(listing.name_key)));
    return;
  }
  const Json root{{listing.root, listing.rows}};
  if (format == OutputFormat::json) fmt::print("{}\n", root.dump(2, ' ', false, Json::error_handler_t::replace));
  else fmt::print("{}", to_yaml(root));
}

void print_record(const Json& record, OutputFormat format) {
  if (format == OutputFormat::json) fmt::print("{}\n", record.dump(2, ' ', false, Json::error_handler_t::replace));
  else if (format == OutputFormat::yaml) fmt::print("{}", to_yaml(record));
  else if (format == OutputFormat::name) fmt::print("{}\n", cell_text(record.at("name")));
  else print_fields(record, "");
}

}  // namespace vmtool::cli
