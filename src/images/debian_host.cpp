#include "images/debian_host.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr std::size_t largest_os_release = 1 << 16;

bool is_package_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return name.size() > 1 && name.front() != '-' && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

std::string debian_suite_of_host() {
  bool debian = false;
  std::string suite;
  for (const std::string& line : util::split(util::read_file("/etc/os-release", largest_os_release), '\n')) {
    if (line == "ID=debian") debian = true;
    if (line.starts_with("VERSION_CODENAME=")) suite = line.substr(line.find('=') + 1);
  }
  if (!debian || suite.empty()) {
    throw Error(Errc::unavailable, "this host is no Debian release")
        .hint("an image is built from the host's own apt sources; import one that was built elsewhere");
  }
  return suite;
}

std::vector<std::string> debian_sources_of_host() {
  std::vector<std::string> files;
  if (fs::exists("/etc/apt/sources.list") && fs::file_size("/etc/apt/sources.list") > 0)
    files.emplace_back("/etc/apt/sources.list");
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator("/etc/apt/sources.list.d", failure)) {
    const auto extension = entry.path().extension();
    // Only the distribution's own: an image does not need what else the host installs from.
    if ((extension == ".sources" || extension == ".list") && entry.path().stem() == "debian")
      files.push_back(entry.path().native());
  }
  if (files.empty())
    throw Error(Errc::unavailable, "this host has no apt sources")
        .hint("they are read from /etc/apt/sources.list and /etc/apt/sources.list.d/debian.sources");
  return files;
}

std::pair<std::string, std::string> wide_path() {
  const char* path = std::getenv("PATH");
  return {"PATH", fmt::format("{}:/usr/sbin:/sbin", path != nullptr ? path : "/usr/bin:/bin")};
}

void require_programs(const std::vector<std::string>& programs, const std::string& packages) {
  for (const std::string& program : programs) {
    if (util::run({.args = {"sh", "-c", "command -v \"$0\"", program}, .env = {wide_path()}}).exit_code == 0) continue;
    throw Error(Errc::unavailable, fmt::format("building an image needs the program '{}'", program))
        .hint("apt install " + packages);
  }
}

void require_package_names(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!is_package_name(name))
      throw Error(Errc::invalid_input, fmt::format("'{}' is no name of a Debian package", util::printable(name)));
  }
}

std::string last_lines(const std::string& text) {
  auto lines = util::split(text, '\n');
  std::erase_if(lines, [](const std::string& line) { return util::trim(line).empty(); });
  if (lines.size() > 5) lines.erase(lines.begin(), lines.end() - 5);
  return util::join(lines, "\n  ");
}

}  // namespace vmtool::images
