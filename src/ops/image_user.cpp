#include "ops/image_user.hpp"

#include <fcntl.h>

#include <fmt/format.h>

#include "util/dir_fd.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

constexpr std::size_t largest_table = std::size_t{1} << 20;

// The topmost layer that has the file; an image's own links are not followed.
std::string table_of_image(const std::vector<std::string>& layers, const char* name) {
  for (const std::string& layer : layers) {
    try {
      return util::read_all(util::open_dir(layer).open(name, O_RDONLY).get(), largest_table);
    } catch (const util::SysError&) {
      continue;
    }
  }
  return {};
}

// The fields of the line for a name, or for a number that stands third in each line.
std::vector<std::string> entry_of(const std::string& table, const std::string& wanted) {
  for (const std::string& line : util::split(table, '\n')) {
    auto fields = util::split(line, ':');
    if (fields.size() >= 4 && (fields[0] == wanted || fields[2] == wanted)) return fields;
  }
  return {};
}

unsigned id_of(const std::string& word, const std::vector<std::string>& entry, const std::string& text) {
  const auto own = util::parse_decimal(word, UINT32_MAX - 1);
  const auto number = own || entry.empty() ? own : util::parse_decimal(entry[2], UINT32_MAX - 1);
  if (number) return static_cast<unsigned>(*number);
  throw util::Error(
      util::Errc::invalid_input,
      fmt::format("the image's user '{}' is not in its /etc/passwd and /etc/group", util::printable(text)))
      .hint("write process.user in numbers");
}

}  // namespace

std::optional<model::ContainerUser> image_user(const std::string& text, const std::vector<std::string>& layers) {
  if (text.empty()) return std::nullopt;
  const auto colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const auto entry = entry_of(table_of_image(layers, "etc/passwd"), name);
  model::ContainerUser user{id_of(name, entry, text), 0, {}};
  if (colon != std::string::npos) {
    const std::string group = text.substr(colon + 1);
    user.gid = id_of(group, entry_of(table_of_image(layers, "etc/group"), group), text);
  } else if (!entry.empty()) {
    user.gid = id_of(entry[3], {}, text);
  }
  return user;
}

}  // namespace vmtool::ops
