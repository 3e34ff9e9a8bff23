#include "identity/agent_script.hpp"

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view below = "/**";

std::string quoted_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\''";
    else out += c;
  }
  return out + '\'';
}

// With the stars left to the shell.
std::string quoted_pattern(std::string_view pattern) {
  std::string out;
  for (const std::string& part : util::split(pattern, '*')) {
    if (!out.empty()) out += '*';
    out += quoted_word(part);
  }
  return out;
}

// For printf(1): every byte but the plainest as its octal number, so that nothing can be misread.
std::string printf_format(std::string_view content) {
  std::string out;
  for (const char c : content) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                          c == '.' || c == '/' || c == ':' || c == '=';
    if (is_plain) out += c;
    else out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  }
  return out;
}

// One record: path, kind, target of the link ('-' before it: is one), real path, mode, owner, group, size, content. Each but the content ends in
// a zero byte; the content has as many bytes as its own field before it says ('-': was not read).
constexpr const char* functions = R"sh(
export LC_ALL=C
one() {
  link=
  if [ -L "$1" ]; then link="-$(readlink "$1")"; elif [ ! -e "$1" ]; then return 0; fi
  real=
  if [ -e "$1" ]; then real=$(readlink -f "$1"); fi
  if [ ! -e "$1" ]; then kind=l; facts='0 0 0 0'
  else
    if [ -f "$1" ]; then kind=f; elif [ -d "$1" ]; then kind=d; else kind=o; fi
    facts=$(stat -L -c '%a %u %g %s' "$1")
  fi
  size=${facts##* }
  printf '%s\0%s\0%s\0%s\0%s\0' "${1#"$root"}" "$kind" "$link" "${real#"$root"}" "$facts"
  if [ "$kind" = f ] && [ "$2" = read ] && [ "$size" -le 262144 ]; then
    printf '%s\0' "$size"
    head -c "$size" "$1"
  else
    printf -- '-\0'
  fi
}
)sh";

// The next field of a scan.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  std::string next() {
    const std::size_t end = rest_.find('\0');
    if (end == rest_.npos) not_a_scan();
    return take(end, 1);
  }
  std::string content(std::size_t length) {
    if (length > rest_.size()) not_a_scan();
    return take(length, 0);
  }
  [[noreturn]] static void not_a_scan() {
    throw Error(Errc::io,
                "what the guest says of its files can't be understood: one may have changed while it was read");
  }

 private:
  std::string take(std::size_t length, std::size_t skip) {
    std::string out(rest_.substr(0, length));
    rest_.remove_prefix(length + skip);
    return out;
  }
  std::string_view rest_;
};

std::uint64_t number(std::string_view text) {
  const auto value = util::parse_decimal(text);
  if (!value) Fields::not_a_scan();
  return *value;
}

Kind kind_named(const std::string& letter) {
  if (letter == "f") return Kind::file;
  if (letter == "d") return Kind::directory;
  if (letter == "l") return Kind::symlink;
  return Kind::other;
}

std::uint32_t mode_from(std::string_view octal) {
  std::uint32_t mode = 0;
  for (const char c : octal) {
    if (c < '0' || c > '7' || mode > 07777) Fields::not_a_scan();
    mode = mode << 3 | static_cast<std::uint32_t>(c - '0');
  }
  return mode & 07777;
}

// "644 0 0 33": mode, owner, group, size.
void read_owner(const std::string& text, Fact& fact) {
  const std::vector<std::string> words = util::split(text, ' ');
  if (words.size() != 4) Fields::not_a_scan();
  fact.owner = {mode_from(words[0]), static_cast<std::uint32_t>(number(words[1])),
                static_cast<std::uint32_t>(number(words[2]))};
  fact.size = number(words[3]);
}

std::string staged_name(const std::string& path, std::size_t index) {
  const std::size_t slash = path.rfind('/') + 1;
  return fmt::format("{}.vmtool-new-{}", path.substr(0, slash), index);
}

}  // namespace

std::string scan_script(const std::vector<Interest>& interests, const std::string& root) {
  std::string script = fmt::format("root={}{}", quoted_word(root), functions);
  for (const Interest& interest : interests) {
    const char* content = interest.content == Interest::Content::read ? "read" : "skip";
    const std::string_view pattern = interest.pattern;
    if (pattern.ends_with(below)) {
      script += fmt::format("find \"$root\"{} -mindepth 1 2>/dev/null | while IFS= read -r p; do one \"$p\" {}; done\n",
                            quoted_word(pattern.substr(0, pattern.size() - below.size())), content);
    } else {
      script += fmt::format("for p in \"$root\"{}; do one \"$p\" {}; done\n", quoted_pattern(pattern), content);
    }
  }
  return script + "exit 0\n";
}

Facts read_scan(std::string_view text) {
  Facts facts;
  for (Fields fields(text); !fields.at_end();) {
    Fact fact;
    fact.path = fields.next();
    fact.kind = kind_named(fields.next());
    const std::string link = fields.next();
    fact.is_link = !link.empty();
    fact.target = link.empty() ? link : link.substr(1);
    fact.real_path = fields.next();
    read_owner(fields.next(), fact);
    const std::string length = fields.next();
    fact.has_content = length != "-";
    if (fact.has_content) fact.content = fields.content(number(length));
    facts.add(std::move(fact));
  }
  return facts;
}

std::string edit_script(const std::vector<Edit>& edits, const std::string& root) {
  std::string stage;
  std::string place;
  std::string staged;
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const Edit& edit = edits[i];
    if (edit.path.find('\n') != std::string::npos)
      throw Error(Errc::invalid_input,
                  fmt::format("'{}' in the guest has a line break in its name", util::printable(edit.path)));
    const std::string path = quoted_word(root + edit.path);
    const std::string next = quoted_word(root + staged_name(edit.path, i));
    if (edit.action == Edit::Action::remove) {
      place += fmt::format("if [ -d {0} ] && [ ! -L {0} ]; then rmdir {0}; else rm -f {0}; fi\n", path);
      continue;
    }
    staged += ' ' + next;
    stage += fmt::format("if [ -d {0} ] && [ ! -L {0} ]; then echo {0} is a directory >&2; exit 1; fi\n", path);
    if (edit.action == Edit::Action::symlink) {
      stage += fmt::format("ln -s {} {}\n", quoted_word(edit.content), next);
    } else {
      // The copy brings the old one's owner, mode and attributes.
      stage += fmt::format(
          "if [ -f {0} ] && [ ! -L {0} ]; then cp -a {0} {1}; else : > {1}; chown {2}:{3} {1}; chmod {4:o} {1}; fi\n",
          path, next, edit.owner.uid, edit.owner.gid, edit.owner.mode);
      stage += fmt::format("printf '{}' > {}\n", printf_format(edit.content), next);
    }
    // What is a link to a directory would take the file in.
    place += fmt::format("if [ -L {0} ]; then rm -f {0}; fi\nmv -f {1} {0}\n", path, next);
  }
  const std::string clear = staged.empty() ? "" : fmt::format("trap 'rm -f \"$@\"' EXIT\nset --{}\n", staged);
  return fmt::format("set -eu\nexport LC_ALL=C\numask 077\n{}{}{}sync\n", clear, stage, place);
}

}  // namespace vmtool::identity
