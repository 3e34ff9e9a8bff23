#include "images/layers.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "images/helper_client.hpp"
#include "images/reference.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/file_lock.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr std::size_t largest_measure = 4096;

// The tree and its measure, before they are the layer's. Gone with the object, unless it was renamed.
class Staging {
 public:
  explicit Staging(fs::path path) : path_(std::move(path)) {
    remove();
    if (::mkdir(path_.c_str(), 0700) != 0 || ::mkdir((path_ / "tree").c_str(), 0755) != 0)
      throw util::SysError(errno, fmt::format("making '{}'", path_.native()));
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging() {
    try {
      remove();
    } catch (const std::exception&) {
      // It is not used by anybody, and goes with the next removal from the store.
    }
  }

  const fs::path& path() const noexcept { return path_; }

 private:
  void remove() const {
    if (fs::exists(path_)) remove_tree(path_);
  }
  fs::path path_;
};

void note_omissions(const std::map<std::string, std::string>& answer, util::Reporter& reporter) {
  const auto count = [&](const char* key) { return util::parse_decimal(answer.at(key)).value_or(0); };
  if (const auto devices = count("devices"))
    reporter.info(fmt::format("left out {} device nodes: a container gets its devices from the engine", devices));
  if (const auto owners = count("owners"))
    reporter.warn(
        fmt::format("{} files belong to root instead of their owners: this user has no subordinate ids in /etc/subuid "
                    "and /etc/subgid",
                    owners));
  if (const auto xattrs = count("xattrs"))
    reporter.info(fmt::format("left out {} extended attributes that are not an image's to set", xattrs));
}

// Everything below is on the disk before the name is: after a crash a layer that is there is whole.
void commit_layer(const fs::path& staging, const fs::path& target) {
  const util::Fd directory = util::open_file(staging, O_RDONLY | O_DIRECTORY);
  if (::syncfs(directory.get()) != 0) throw util::SysError(errno, "writing the layer to the disk");
  if (::rename(staging.c_str(), target.c_str()) != 0 && errno != ENOTEMPTY && errno != EEXIST)
    throw util::SysError(errno, fmt::format("making '{}'", target.native()));
  ::fsync(util::open_file(target.parent_path(), O_RDONLY | O_DIRECTORY).get());
}

std::vector<std::string> read_measure(const StoreFiles& files, const std::string& diff_id) {
  auto words = util::split(util::trim(util::read_file(files.layer(diff_id) / "measure", largest_measure)), '\n');
  if (words.size() != 3) throw Error(Errc::io, fmt::format("the layer '{}' is not as it was left", diff_id));
  return words;
}

}  // namespace

std::string unpack_layer(const StoreFiles& files, const Blob& blob, const std::string& expected,
                         util::Reporter& reporter, const std::string& title) {
  if (!expected.empty() && fs::exists(files.layer(expected))) return expected;
  const std::string hex = hex_of_digest(blob.digest);
  const util::FileLock one_at_a_time(files.lock(hex), util::FileLock::Kind::exclusive);
  if (!expected.empty() && fs::exists(files.layer(expected))) return expected;
  const Staging staging(files.temporary() / ("layer-" + hex));
  const HelperProgress progress{reporter, title, blob.size};
  const auto answer =
      ask_helper({"unpack-layer", (staging.path() / "tree").native(), files.blob(blob.digest).native()}, &progress);
  const std::string diff_id = "sha256:" + answer.at("diff");
  if (!expected.empty() && diff_id != expected) {
    throw Error(Errc::invalid_input,
                fmt::format("the layer {} unpacks to {} instead of {}", blob.digest, diff_id, expected))
        .hint("the image's configuration and its layers don't belong together");
  }
  util::write_file_atomic(staging.path() / "measure",
                          fmt::format("{}\n{}\n{}\n", answer.at("tree"), answer.at("entries"), answer.at("bytes")),
                          0600);
  commit_layer(staging.path(), files.layer(diff_id));
  reporter.progress(title, blob.size, blob.size);
  note_omissions(answer, reporter);
  return diff_id;
}

std::uint64_t layer_size(const StoreFiles& files, const std::string& diff_id) {
  return util::parse_decimal(read_measure(files, diff_id)[2]).value_or(0);
}

bool is_layer_whole(const StoreFiles& files, const std::string& diff_id) {
  const fs::path tree = files.layer(diff_id) / "tree";
  return fs::exists(tree) && ask_helper({"measure", tree.native()}).at("tree") == read_measure(files, diff_id)[0];
}

}  // namespace vmtool::images
