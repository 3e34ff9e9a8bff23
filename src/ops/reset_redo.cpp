#include "ops/reset_redo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "ops/journal_record.hpp"
#include "storage/overlay.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

constexpr const char* ready_name = "ready";
constexpr std::size_t longest_list = 1 << 20;

using Chain = std::vector<std::pair<std::filesystem::path, std::string>>;

Chain chain_from(const std::string& line) {
  const std::vector<std::string> words = split_words(line);
  if (words.size() % 2 != 0) throw util::Error(util::Errc::internal, "the list of overlays can't be understood");
  Chain chain;
  for (std::size_t i = 0; i < words.size(); i += 2) chain.emplace_back(words[i], words[i + 1]);
  return chain;
}

void sync(const std::filesystem::path& path, int flags) {
  if (::fsync(util::open_file(path, flags).get()) != 0)
    throw util::SysError(errno, fmt::format("writing '{}'", path.native()));
}

}  // namespace

ResetRedo::ResetRedo(const std::filesystem::path& directory, const identity::Target& target)
    : directory_(directory), target_(target) {
  if (::mkdir(directory.c_str(), 0700) != 0)
    throw util::SysError(errno, fmt::format("making '{}'", directory.native()));
  for (std::size_t i = 0; i < target_.disks.size(); ++i) {
    std::vector<identity::Image>& chain = target_.disks[i].chain;
    const auto overlay = directory / fmt::format("disk{}.qcow2", i);
    storage::make_overlay(overlay, chain.front().path, chain.front().format);
    chain.insert(chain.begin(), {overlay, "qcow2"});
  }
}

void ResetRedo::make_ready() const {
  std::string list;
  for (const identity::Disk& disk : target_.disks) {
    std::vector<std::string> words;
    for (const identity::Image& image : disk.chain) words.insert(words.end(), {image.path.native(), image.format});
    list += join_words(words) + "\n";
    sync(disk.chain.front().path, O_RDONLY);
  }
  const auto unready = directory_ / "unready";
  util::write_all(util::open_file(unready, O_WRONLY | O_CREAT | O_EXCL, 0600).get(), list);
  sync(unready, O_RDONLY);
  std::filesystem::rename(unready, directory_ / ready_name);
  sync(directory_, O_RDONLY | O_DIRECTORY);
}

void finish_redo(const std::filesystem::path& directory) {
  const auto ready = directory / ready_name;
  if (std::filesystem::exists(ready)) {
    for (const std::string& line : util::split(util::trim(util::read_file(ready, longest_list)), '\n'))
      storage::commit_overlay(chain_from(line));
    std::filesystem::remove(ready);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace vmtool::ops
