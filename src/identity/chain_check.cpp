#include "identity/chain_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::array<std::string_view, 5> handled_formats{"raw", "qcow2", "vdi", "vpc", "vhdx"};
constexpr std::size_t longest_name = 1023;
constexpr std::uint64_t data_file_bit = 1U << 2;

std::uint64_t big_endian(std::string_view header, std::size_t offset, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(header[offset + i]);
  return value;
}

std::string read_at(int descriptor, std::uint64_t offset, std::size_t length) {
  std::string bytes(length, '\0');
  const ssize_t got = ::pread(descriptor, bytes.data(), length, static_cast<off_t>(offset));
  if (got < 0) throw util::SysError(errno, "reading the header of an image");
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

util::Fd open_image(const Image& image) {
  if (!image.path.is_absolute())
    throw Error(Errc::invalid_input, fmt::format("the path of image '{}' is not absolute", image.path.native()));
  util::Fd file = util::open_file(image.path, O_RDONLY | O_NONBLOCK);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) throw util::SysError(errno, fmt::format("reading '{}'", image.path.native()));
  if (!S_ISREG(facts.st_mode) && !S_ISBLK(facts.st_mode))
    throw Error(Errc::invalid_input, fmt::format("'{}' is no image", image.path.native()));
  return file;
}

bool is_device(const std::filesystem::path& path) { return std::filesystem::is_block_file(path); }

void check_links(const Qcow2Links& links, const Image& image, const Image* next) {
  const std::string& name = image.path.native();
  if (links.has_data_file) throw Error(Errc::conflict, fmt::format("image '{}' keeps its data in another file", name));
  if (links.is_encrypted) throw Error(Errc::conflict, fmt::format("image '{}' is encrypted", name));
  if (next == nullptr && links.backing_file.empty()) return;
  const auto resolved = (image.path.parent_path() / links.backing_file).lexically_normal();
  if (next == nullptr || links.backing_file.empty() || resolved != next->path.lexically_normal()) {
    throw Error(Errc::conflict,
                fmt::format("the header of image '{}' names '{}' as its backing file, where '{}' is expected", name,
                            util::printable(links.backing_file), next == nullptr ? "none" : next->path.native()))
        .hint("only backing files that the machine's storage pools hold are followed");
  }
}

nlohmann::json node_of(const Disk& disk) {
  nlohmann::json node;
  for (std::size_t i = disk.chain.size(); i-- > 0;) {
    const Image& image = disk.chain[i];
    nlohmann::json layer{
        {"driver", image.format},
        {"file", {{"driver", is_device(image.path) ? "host_device" : "file"}, {"filename", image.path.native()}}}};
    // A null says that there is none, whatever the header says.
    if (image.format == "qcow2") layer["backing"] = node;
    node = std::move(layer);
  }
  return node;
}

}  // namespace

std::optional<Qcow2Links> read_qcow2_links(int descriptor) {
  const std::string header = read_at(descriptor, 0, 104);
  if (header.size() < 72 || !header.starts_with("QFI\xfb")) return std::nullopt;
  Qcow2Links links;
  const std::uint64_t offset = big_endian(header, 8, 8);
  const std::uint64_t length = big_endian(header, 16, 4);
  if (length > longest_name) return std::nullopt;
  if (offset != 0) links.backing_file = read_at(descriptor, offset, static_cast<std::size_t>(length));
  links.is_encrypted = big_endian(header, 32, 4) != 0;
  const bool is_version_3 = big_endian(header, 4, 4) >= 3;
  links.has_data_file = is_version_3 && header.size() >= 80 && (big_endian(header, 72, 8) & data_file_bit) != 0;
  return links;
}

void check_chain(const Disk& disk) {
  if (disk.chain.empty()) throw Error(Errc::invalid_input, "a disk without an image");
  for (std::size_t i = 0; i < disk.chain.size(); ++i) {
    const Image& image = disk.chain[i];
    const Image* next = i + 1 < disk.chain.size() ? &disk.chain[i + 1] : nullptr;
    if (std::find(handled_formats.begin(), handled_formats.end(), image.format) == handled_formats.end()) {
      throw Error(Errc::invalid_input, fmt::format("images of format '{}' are not handled ('{}')",
                                                   util::printable(image.format), image.path.native()));
    }
    const util::Fd file = open_image(image);
    if (image.format == "qcow2") {
      const auto links = read_qcow2_links(file.get());
      if (!links) throw Error(Errc::invalid_input, fmt::format("'{}' is no qcow2 image", image.path.native()));
      check_links(*links, image, next);
    } else if (next != nullptr) {
      throw Error(Errc::invalid_input,
                  fmt::format("an image of format '{}' has no backing file ('{}')", image.format, image.path.native()));
    }
  }
}

std::string block_options(const Disk& disk, ImageAccess access) {
  nlohmann::json node = node_of(disk);
  if (access == ImageAccess::look) node["force-share"] = true;
  return "json:" + node.dump();
}

std::string block_node(const Disk& disk, const std::string& node_name, ImageAccess access) {
  nlohmann::json node = node_of(disk);
  if (access == ImageAccess::look) {
    node["read-only"] = true;
    node["force-share"] = true;
  }
  node["node-name"] = node_name;
  return node.dump();
}

}  // namespace vmtool::identity
