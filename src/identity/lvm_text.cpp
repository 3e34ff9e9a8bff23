#include "identity/lvm_text.hpp"

#include <algorithm>
#include <cctype>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr int deepest_section = 16;

[[noreturn]] void not_understood() {
  throw util::Error(util::Errc::invalid_input, "the LVM metadata can't be understood");
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text.substr(0, text.find('\0'))) {}

  // Everything up to the closing brace, or to the end of the text for the outermost section.
  LvmSection section(int depth) {
    if (depth > deepest_section) not_understood();
    LvmSection out;
    for (;;) {
      skip_blanks();
      if (rest_.empty() || rest_.front() == '}') return out;
      const std::string name = word();
      skip_blanks();
      if (take('{')) {
        out.sections.push_back(section(depth + 1));
        out.sections.back().name = name;
        if (!take('}')) not_understood();
      } else if (take('=')) {
        out.settings.insert_or_assign(name, value());
      } else {
        not_understood();
      }
    }
  }

 private:
  void skip_blanks() {
    for (;;) {
      const auto text = std::find_if(rest_.begin(), rest_.end(), [](unsigned char c) { return std::isspace(c) == 0; });
      rest_.remove_prefix(static_cast<std::size_t>(text - rest_.begin()));
      if (rest_.empty() || rest_.front() != '#') return;
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    }
  }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string word() {
    const auto end = std::find_if(rest_.begin(), rest_.end(), [](unsigned char c) {
      return std::isspace(c) != 0 || c == '{' || c == '}' || c == '=' || c == ',' || c == ']' || c == '#';
    });
    const auto length = static_cast<std::size_t>(end - rest_.begin());
    if (length == 0) not_understood();
    std::string out(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return out;
  }

  std::string quoted() {
    std::string out;
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (c == '\\' && !rest_.empty()) {
        c = rest_.front();
        rest_.remove_prefix(1);
      }
      out += c;
    }
    not_understood();
  }

  std::string scalar() { return take('"') ? quoted() : word(); }

  std::vector<std::string> value() {
    skip_blanks();
    if (!take('[')) return {scalar()};
    std::vector<std::string> out;
    for (;;) {
      skip_blanks();
      if (take(']')) return out;
      if (rest_.empty()) not_understood();
      if (!take(',')) out.push_back(scalar());
    }
  }

  std::string_view rest_;
};

}  // namespace

const LvmSection* LvmSection::find_section(std::string_view wanted) const {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [&](const LvmSection& section) { return section.name == wanted; });
  return found == sections.end() ? nullptr : &*found;
}

std::string LvmSection::text(const std::string& setting) const {
  const auto found = settings.find(setting);
  return found == settings.end() || found->second.empty() ? std::string() : found->second.front();
}

std::optional<std::uint64_t> LvmSection::number(const std::string& setting) const {
  return util::parse_decimal(text(setting));
}

LvmSection parse_lvm_text(std::string_view text) {
  Reader reader(text);
  return reader.section(0);
}

}  // namespace vmtool::identity
