#pragma once
// One file's text with its lines, fit for the parser.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::manifest {

/// Bounds of one file.
inline constexpr std::size_t largest_file = std::size_t{4} << 20;  ///< bytes, also of all text with aliases expanded
inline constexpr std::size_t most_nodes = 100'000;                 ///< with aliases expanded
inline constexpr unsigned most_levels = 64;

/// The lines of one document; line numbers from 1.
struct Segment {
  unsigned first_line = 1;
  unsigned line_count = 0;
};

/// A file's text with Unix line ends and without a byte order mark.
class SourceText {
 public:
  SourceText(std::string name, std::string_view text);

  const std::string& name() const noexcept { return name_; }
  unsigned line_count() const noexcept { return static_cast<unsigned>(starts_.size() - 1); }
  /// A line without its end; empty beyond the last.
  std::string_view line(unsigned number) const;
  /// The text of a document, its "---" included.
  std::string_view text_of(const Segment& segment) const;
  /// The documents, cut at lines that begin with "---" or "...", which nothing inside of a document can (YAML 1.2,
  /// 9.1.2), so that a fault in one document does not hide those of the next.
  std::vector<Segment> documents() const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;  // of each line, and the end
};

/// What makes a text unfit for the parser, with its place.
struct Unfit {
  std::string message;
  std::string hint;
  unsigned line = 0;            ///< 0: the file as a whole
  std::size_t byte_column = 0;  ///< from 0
};

/// Looks for what the parser must not see: bytes that are not UTF-8, control characters, and more flow punctuation
/// than it could hold in memory, since it reads a flow collection to its end before it says anything.
std::optional<Unfit> find_unfit(const SourceText& source);

}  // namespace vmtool::manifest
