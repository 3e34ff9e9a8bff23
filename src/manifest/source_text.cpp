#include "manifest/source_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "manifest/flow_scan.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_marker(std::string_view line, std::string_view marker) {
  if (line.substr(0, marker.size()) != marker) return false;
  return line.size() == marker.size() || line[marker.size()] == ' ' || line[marker.size()] == '\t';
}

std::optional<Unfit> find_bad_character(std::string_view line, unsigned number) {
  if (!util::is_utf8(line)) {
    std::size_t good = 0;
    while (good < line.size()) {
      std::size_t length = 1;
      while (length <= 4 && !util::is_utf8(line.substr(good, length))) ++length;
      if (length > 4) break;
      good += length;
    }
    return Unfit{"the text is not UTF-8", "save the file in UTF-8", number, good};
  }
  const auto bad = std::find_if(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
  if (bad == line.end()) return std::nullopt;
  return Unfit{fmt::format("control character {}", util::printable({&*bad, 1})),
               "remove it, or write it as an escape in double quotes", number,
               static_cast<std::size_t>(bad - line.begin())};
}

}  // namespace

SourceText::SourceText(std::string name, std::string_view text) : name_(std::move(name)) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  text_.reserve(text.size());
  starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    text_ += text[i];
    if (text[i] == '\n') starts_.push_back(text_.size());
  }
  if (starts_.back() != text_.size()) starts_.push_back(text_.size());
  if (starts_.size() == 1) starts_.push_back(0);
}

std::string_view SourceText::line(unsigned number) const {
  if (number == 0 || number > line_count()) return {};
  std::string_view line(text_);
  line = line.substr(starts_[number - 1], starts_[number] - starts_[number - 1]);
  if (!line.empty() && line.back() == '\n') line.remove_suffix(1);
  return line;
}

std::string_view SourceText::text_of(const Segment& segment) const {
  const std::size_t first = starts_[segment.first_line - 1];
  const std::size_t end = starts_[segment.first_line - 1 + segment.line_count];
  return std::string_view(text_).substr(first, end - first);
}

std::vector<Segment> SourceText::documents() const {
  std::vector<Segment> segments(1);
  for (unsigned number = 1; number <= line_count(); ++number) {
    const std::string_view text = line(number);
    if (is_marker(text, "---") && segments.back().line_count > 0) segments.push_back({number, 0});
    ++segments.back().line_count;
    if (is_marker(text, "...")) segments.push_back({number + 1, 0});
  }
  if (segments.back().line_count == 0) segments.pop_back();
  return segments;
}

std::optional<Unfit> find_unfit(const SourceText& source) {
  FlowScan flow;
  for (unsigned number = 1; number <= source.line_count(); ++number) {
    const std::string_view line = source.line(number);
    if (auto bad = find_bad_character(line, number)) return bad;
    flow.feed(line);
    if (flow.count() > most_flow_punctuation) {
      return Unfit{fmt::format("more than {} brackets, braces and commas", most_flow_punctuation),
                   "write long lists in block style and long text as a '|' block, or split the file", number, 0};
    }
  }
  return std::nullopt;
}

}  // namespace vmtool::manifest
