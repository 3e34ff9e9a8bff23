#include "storage/chain.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "util/command.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::storage {
namespace {

util::Error no_image(const std::filesystem::path& path, std::string_view why) {
  return {util::Errc::invalid_input, fmt::format("'{}' is no disk image: {}", util::printable(path.native()), why)};
}

// Our own open gives the error of the system, and keeps devices that have side effects from being touched.
void check_readable(const std::filesystem::path& path) {
  const util::Fd file = util::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw util::SysError(errno, fmt::format("reading '{}'", path.native()));
  if (S_ISDIR(status.st_mode)) throw no_image(path, "it is a directory");
  if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
    throw no_image(path, "it is neither a file nor a block device");
}

}  // namespace

ImageFile inspect(const std::filesystem::path& path) {
  const auto absolute = std::filesystem::absolute(path);
  check_readable(absolute);
  // Behind "file:" qemu takes everything to the letter; -U, since a running machine may have it open.
  const util::Result result =
      util::run({.args = {"qemu-img", "info", "--output=json", "-U", "file:" + absolute.native()},
                 .time_limit = std::chrono::seconds(20)});
  if (result.exit_code != 0) throw no_image(absolute, util::printable(util::trim(result.err), 500));
  return read_image_info(absolute, result.out);
}

ImageFile read_image_info(const std::filesystem::path& path, std::string_view json) {
  using Json = nlohmann::json;
  try {
    const Json info = Json::parse(json);
    ImageFile image;
    image.path = path.native();
    image.format = info.at("format").get<std::string>();
    image.virtual_size = {info.at("virtual-size").get<std::uint64_t>()};
    image.actual_size = {info.value("actual-size", std::uint64_t{0})};
    image.backing_path = info.value("full-backing-filename", info.value("backing-filename", std::string()));
    image.backing_format = info.value("backing-filename-format", std::string());
    image.data_path = info.value(Json::json_pointer("/format-specific/data/data-file"), std::string());
    return image;
  } catch (const Json::exception& error) {
    throw no_image(path, fmt::format("qemu-img says what can't be understood ({})", error.what()));
  }
}

}  // namespace vmtool::storage
