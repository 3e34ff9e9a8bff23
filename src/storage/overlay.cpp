#include "storage/overlay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "storage/qemu_img.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"

namespace vmtool::storage {
namespace {

using Json = nlohmann::json;

constexpr std::string_view qcow2_magic = "QFI\xfb";
constexpr std::size_t header_size = 72;
constexpr std::uint64_t largest_table = 32U << 20;

// Every layer is named, and the last has none below it: qemu-img follows no header.
Json node_of(const std::vector<std::pair<std::filesystem::path, std::string>>& chain) {
  Json node;
  for (auto image = chain.rbegin(); image != chain.rend(); ++image) {
    Json layer{{"driver", image->second},
               {"file", {{"driver", "file"}, {"filename", std::filesystem::absolute(image->first).native()}}}};
    if (image->second == "qcow2") layer["backing"] = node;
    node = std::move(layer);
  }
  return node;
}

}  // namespace

bool is_empty_overlay(const std::filesystem::path& path) {
  const std::string image = "json:" + node_of({{path, "qcow2"}}).dump();
  const util::Result result =
      util::run({.args = {"qemu-img", "map", "--output=json", image}, .time_limit = std::chrono::seconds(60)});
  if (result.exit_code != 0) {
    throw util::Error(util::Errc::invalid_input, fmt::format("'{}' is no overlay that can be read: {}", path.native(),
                                                             util::printable(util::trim(result.err), 500)));
  }
  try {
    const Json extents = Json::parse(result.out);
    return std::none_of(extents.begin(), extents.end(),
                        [](const Json& extent) { return extent.at("present").get<bool>(); });
  } catch (const Json::exception& error) {
    throw util::Error(util::Errc::internal,
                      fmt::format("qemu-img says what can't be understood of '{}' ({})", path.native(), error.what()));
  }
}

bool has_qcow2_header(const std::filesystem::path& path) {
  std::array<char, qcow2_magic.size()> start{};
  const util::Fd file = util::open_file(path, O_RDONLY);
  const ssize_t size = ::pread(file.get(), start.data(), start.size(), 0);
  if (size < 0) throw util::SysError(errno, fmt::format("reading '{}'", path.native()));
  return std::string_view(start.data(), static_cast<std::size_t>(size)) == qcow2_magic;
}

bool is_empty_overlay(const ReadPiece& read) {
  const std::string header = read(0, header_size);
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(header[at + i]);
    return value;
  };
  if (header.size() < header_size || !header.starts_with(qcow2_magic))
    throw util::Error(util::Errc::invalid_input, "it is no qcow2 image");
  const std::uint64_t length = number(36, 4) * 8;
  const std::uint64_t snapshots = number(60, 4);
  if (length > largest_table)
    throw util::Error(util::Errc::invalid_input, "its table of clusters is larger than QEMU takes");
  const std::string table = read(number(40, 8), length);
  return snapshots == 0 && table.size() == length && table.find_first_not_of('\0') == std::string::npos;
}

void make_overlay(const std::filesystem::path& path, const std::filesystem::path& backing, const std::string& format) {
  util::run_checked(
      {.args = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", format, "-b", backing.native(), path.native()}});
}

void commit_overlay(const std::vector<std::pair<std::filesystem::path, std::string>>& chain) {
  util::run_checked({.args = {"qemu-img", "commit", "-q", "-d", "-t", "writeback", "json:" + node_of(chain).dump()},
                     .time_limit = std::chrono::minutes(10)});
}

bool has_snapshot(const std::filesystem::path& path, const std::string& format, const std::string& snapshot) {
  const util::Result result =
      util::run_checked({.args = {"qemu-img", "info", "--output=json", "json:" + node_of({{path, format}}).dump()}});
  const Json facts = Json::parse(result.out, nullptr, false);
  if (!facts.is_object() || !facts.contains("snapshots")) return false;
  const Json& known = facts.at("snapshots");
  return std::any_of(known.begin(), known.end(),
                     [&](const Json& one) { return one.value("name", std::string()) == snapshot; });
}

void flatten(const std::vector<std::pair<std::filesystem::path, std::string>>& chain,
             const std::filesystem::path& target, util::Bytes capacity, const Progress& progress,
             const std::string& snapshot) {
  const util::Fd file(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file && errno == EEXIST)
    throw util::Error(util::Errc::conflict, fmt::format("'{}' exists already", target.native()));
  if (!file) throw util::SysError(errno, fmt::format("making '{}'", target.native()));
  util::Undo undo(nullptr);
  undo.add("remove the file", [&] { ::unlink(target.c_str()); });
  std::vector<std::string> args{"convert", "-q", "-W", "-m", "16"};
  if (!snapshot.empty()) args.insert(args.end(), {"-l", "snapshot.name=" + snapshot});
  args.insert(args.end(), {"-O", chain.front().second, "json:" + node_of(chain).dump(), "file:" + target.native()});
  run_qemu_img(args, file.get(), target, capacity, progress);
  undo.commit();
  if (progress) progress(capacity.count, capacity.count);
}

}  // namespace vmtool::storage
