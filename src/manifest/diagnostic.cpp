#include "manifest/diagnostic.hpp"

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

constexpr std::size_t widest = 160;

// The bytes before a column (from 1, in characters).
std::size_t bytes_before(std::string_view line, unsigned column) {
  std::size_t byte = 0;
  for (unsigned passed = 1; passed < column && byte < line.size(); ++passed) {
    ++byte;
    while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0u) == 0x80u) ++byte;
  }
  return byte;
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0u) != 0x80u ? 1u : 0u;
  return count;
}

// The line with a caret below the column; of a long line, the part around it.
std::string excerpt(std::string_view line, unsigned column) {
  const std::size_t at = bytes_before(line, column);
  if (at >= line.size() && at > widest) return {};
  std::size_t start = 0;
  if (at > widest / 2) start = bytes_before(line, column - static_cast<unsigned>(widest / 2));
  const std::string before = util::printable(line.substr(start, at - start), 4 * widest);
  std::string shown = util::printable(line.substr(start), widest);
  // Escapes are wider than what they stand for, so a line of them may end before its caret.
  if (shown.size() < before.size()) shown = before;
  return fmt::format("\n  {}\n  {:>{}}", shown, "^", characters(before) + 1);
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = util::printable(diagnostic.file);
  if (diagnostic.line > 0) text += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  text += fmt::format(": error: {}", diagnostic.message);
  if (!diagnostic.source_line.empty()) text += excerpt(diagnostic.source_line, diagnostic.column);
  if (!diagnostic.hint.empty()) text += fmt::format("\n  hint: {}", diagnostic.hint);
  return text;
}

util::Error to_error(std::span<const Diagnostic> diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_text(diagnostic);
  }
  return {util::Errc::invalid_input, std::move(text)};
}

}  // namespace vmtool::manifest
