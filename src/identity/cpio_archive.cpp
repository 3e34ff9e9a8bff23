#include "identity/cpio_archive.hpp"

#include <fmt/format.h>

namespace vmtool::identity {
namespace {

constexpr std::uint32_t regular_file = 0100000;
constexpr std::uint32_t directory_type = 0040000;

void pad(std::string& bytes) { bytes.append((4 - bytes.size() % 4) % 4, '\0'); }

}  // namespace

void CpioArchive::add(const std::string& path, std::string_view content, std::uint32_t mode) {
  const std::string name = path.substr(path.find_first_not_of('/'));
  const std::uint32_t number = next_++;
  bytes_ += fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", number,
                        mode, 0, 0, 1, 0, content.size(), 0, 0, 0, 0, name.size() + 1, 0);
  bytes_ += name;
  bytes_ += '\0';
  pad(bytes_);
  bytes_ += content;
  pad(bytes_);
}

void CpioArchive::add_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash != 0) add_directory(path.substr(0, slash));
  if (directories_.insert(path).second) add(path, {}, directory_type | 0755);
}

void CpioArchive::add_file(const std::string& path, std::string_view content, std::uint32_t mode) {
  const std::size_t slash = path.rfind('/');
  if (slash != 0) add_directory(path.substr(0, slash));
  add(path, content, regular_file | mode);
}

std::string CpioArchive::finish() && {
  add("/TRAILER!!!", {}, 0);
  return std::move(bytes_);
}

}  // namespace vmtool::identity
