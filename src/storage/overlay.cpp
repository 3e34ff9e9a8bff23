#include "storage/overlay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "storage/qemu_img.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"

namespace vmtool::storage {
namespace {

using Json = nlohmann::json;

// Every layer is named, and the last has none below it: qemu-img follows no header.
Json node_of(const std::vector<std::pair<std::filesystem::path, std::string>>& chain) {
  Json node;
  for (auto image = chain.rbegin(); image != chain.rend(); ++image) {
    Json layer{{"driver", image->second}, {"file", {{"driver", "file"}, {"filename", std::filesystem::absolute(image->first).native()}}}};
    if (image->second == "qcow2") layer["backing"] = node;
    node = std::move(layer);
  }
  return node;
}

}  // namespace

bool is_empty_overlay(const std::filesystem::path& path) {
  const std::string image = "json:" + node_of({{path, "qcow2"}}).dump();
  const util::Result result = util::run({.args = {"qemu-img", "map", "--output=json", image}, .time_limit = std::chrono::seconds(60)});
  if (result.exit_code != 0) {
    throw util::Error(util::Errc::invalid_input, fmt::format("'{}' is no overlay that can be read: {}", path.native(), util::printable(util::trim(result.err), 500)));
  }
  try {
    const Json extents = Json::parse(result.out);
    return std::none_of(extents.begin(), extents.end(), [](const Json& extent) { return extent.at("present").get<bool>(); });
  } catch (const Json::exception& error) {
    throw util::Error(util::Errc::internal, fmt::format("qemu-img says what can't be understood of '{}' ({})", path.native(), error.what()));
  }
}

void make_overlay(const std::filesystem::path& path, const std::filesystem::path& backing, const std::string& format) {
  util::run_checked({.args = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", format, "-b", backing.native(), path.native()}});
}

void commit_overlay(const std::vector<std::pair<std::filesystem::path, std::string>>& chain) {
  util::run_checked({.args = {"qemu-img", "commit", "-q", "-d", "-t", "writeback", "json:" + node_of(chain).dump()}, .time_limit = std::chrono::minutes(10)});
}

bool has_snapshot(const std::filesystem::path& path, const std::string& format, const std::string& snapshot) {
  const util::Result result = util::run_checked({.args = {"qemu-img", "info", "--output=json", "json:" + node_of({{path, format}}).dump()}});
  const Json facts = Json::parse(result.out, nullptr, false);
  if (!facts.is_object() || !facts.contains("snapshots")) return false;
  const Json& known = facts.at("snapshots");
  return std::any_of(known.begin(), known.end(), [&](const Json& one) { return one.value("name", std::string()) == snapshot; });
}

void flatten(const std::vector<std::pair<std::filesystem::path, std::string>>& chain, const std::filesystem::path& target, util::Bytes capacity,
             const Progress& progress, const std::string& snapshot) {
  const util::Fd file(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file && errno == EEXIST) throw util::Error(util::Errc::conflict, fmt::format("'{}' exists already", target.native()));
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
