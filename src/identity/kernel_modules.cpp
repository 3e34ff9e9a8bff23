#include "identity/kernel_modules.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;
namespace fs = std::filesystem;

constexpr std::size_t largest_list = 16U << 20;
constexpr std::string_view image_prefix = "vmlinuz-";

// "kernel/fs/xfs/xfs.ko" is the module xfs; dashes and underscores are one.
std::string name_of(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  name.resize(std::min(name.find(".ko"), name.size()));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

// Numbers compare as numbers, so that 6.10 is newer than 6.9.
std::vector<std::string> version_key(const std::string& release) {
  std::vector<std::string> parts;
  bool in_digits = false;
  for (const char c : release) {
    const bool digit = c >= '0' && c <= '9';
    if (parts.empty() || digit != in_digits) parts.emplace_back();
    parts.back() += c;
    in_digits = digit;
  }
  for (std::string& part : parts) {
    if (part[0] >= '0' && part[0] <= '9') part.insert(0, part.size() < 12 ? 12 - part.size() : 0, '0');
  }
  return parts;
}

}  // namespace

HostKernel find_kernel(const fs::path& boot, const fs::path& modules) {
  std::vector<std::string> releases;
  bool unreadable = false;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(boot, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(image_prefix)) continue;
    const std::string release = name.substr(image_prefix.size());
    if (::access(entry.path().c_str(), R_OK) != 0) unreadable = true;
    else if (fs::exists(modules / release / "modules.dep", ignored)) releases.push_back(release);
  }
  if (releases.empty()) {
    throw Error(Errc::unavailable, unreadable ? fmt::format("no kernel in '{}' may be read by this user", boot.native())
                                              : fmt::format("there is no kernel with modules in '{}'", boot.native()))
        .hint(unreadable ? "run vmtool as root" : "install one: apt install linux-image-cloud-amd64");
  }
  const auto newest = *std::max_element(releases.begin(), releases.end(),
                                        [](const auto& a, const auto& b) { return version_key(a) < version_key(b); });
  return {boot / (std::string(image_prefix) + newest), modules / newest};
}

std::vector<fs::path> modules_for(const HostKernel& kernel, const std::vector<std::string>& names) {
  std::map<std::string, std::string> lines;
  for (const std::string& line : util::split(util::read_file(kernel.modules / "modules.dep", largest_list), '\n')) {
    lines.emplace(name_of(line.substr(0, line.find(':'))), line);
  }
  std::vector<std::string> built_in;
  for (const std::string& line : util::split(util::read_file(kernel.modules / "modules.builtin", largest_list), '\n'))
    built_in.push_back(name_of(line));
  std::vector<fs::path> files;
  const auto add = [&](const std::string& path) {
    if (!path.ends_with(".ko"))
      throw Error(Errc::unavailable, fmt::format("the kernel module '{}' is compressed", path))
          .hint("install linux-image-cloud-amd64");
    const fs::path file = kernel.modules / path;
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  };
  for (const std::string& name : names) {
    const auto line = lines.find(name);
    if (line == lines.end() && std::find(built_in.begin(), built_in.end(), name) != built_in.end()) continue;
    if (line == lines.end())
      throw Error(Errc::unavailable, fmt::format("the kernel in '{}' has no module '{}'", kernel.image.native(), name));
    const std::size_t colon = line->second.find(':');
    std::vector<std::string> needs = util::split(util::trim(std::string_view(line->second).substr(colon + 1)), ' ');
    // Each stands before what it needs itself (modules.dep(5)).
    for (auto need = needs.rbegin(); need != needs.rend(); ++need) {
      if (!need->empty()) add(*need);
    }
    add(line->second.substr(0, colon));
  }
  return files;
}

}  // namespace vmtool::identity
