#include "images/blobs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t copy_block = std::size_t{1} << 20;

std::uint64_t size_of(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) throw util::SysError(errno, "looking at a blob");
  if (!S_ISREG(status.st_mode)) throw Error(Errc::invalid_input, "a blob of the image is no regular file");
  return static_cast<std::uint64_t>(status.st_size);
}

// Hashes from the file's offset to its end, and hands on what it reads.
template <class Sink>
Blob hash_file(int from, util::Reporter& reporter, const std::string& title, Sink sink) {
  const std::uint64_t total = size_of(from);
  util::Sha256 digest;
  Blob out;
  std::string buffer(copy_block, '\0');
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw util::SysError(errno, "reading a blob");
    if (got == 0) break;
    const std::string_view part(buffer.data(), static_cast<std::size_t>(got));
    digest.update(part);
    sink(part);
    out.size += part.size();
    if (!title.empty()) reporter.progress(title, std::min(out.size, total), total);
  }
  out.digest = "sha256:" + digest.finish_hex();
  return out;
}

void require_digest(const Blob& blob, const std::string& expected) {
  if (expected.empty() || blob.digest == expected) return;
  throw Error(Errc::invalid_input,
              fmt::format("a blob of the image has the digest {} instead of {}", blob.digest, expected))
      .hint("it is damaged, or not what its publisher made; nothing of it is used");
}

// A file in the store's tmp/, gone with the object.
class TemporaryBlob {
 public:
  explicit TemporaryBlob(const StoreFiles& files)
      : path_((files.temporary() / "blob-XXXXXX").native()), file_(::mkostemp(path_.data(), O_CLOEXEC)) {
    if (!file_) throw util::SysError(errno, fmt::format("making a file like '{}'", path_));
  }
  TemporaryBlob(const TemporaryBlob&) = delete;
  TemporaryBlob& operator=(const TemporaryBlob&) = delete;
  ~TemporaryBlob() { ::unlink(path_.c_str()); }

  int descriptor() const noexcept { return file_.get(); }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  util::Fd file_;
};

// Somebody else may have stored the same meanwhile, which is as good.
void give_name(int file, const std::string& path, const std::filesystem::path& target) {
  if (::fsync(file) != 0) throw util::SysError(errno, fmt::format("writing '{}'", target.native()));
  if (::link(path.c_str(), target.c_str()) != 0 && errno != EEXIST)
    throw util::SysError(errno, fmt::format("making '{}'", target.native()));
  ::fsync(util::open_file(target.parent_path(), O_RDONLY | O_DIRECTORY).get());
}

}  // namespace

Blob add_blob(const StoreFiles& files, std::string_view text, const std::string& expected) {
  const Blob blob{"sha256:" + util::sha256_hex(text), text.size()};
  require_digest(blob, expected);
  const TemporaryBlob copy(files);
  util::write_all(copy.descriptor(), text);
  give_name(copy.descriptor(), copy.path(), files.blob(blob.digest));
  return blob;
}

Blob add_blob(const StoreFiles& files, int from, const std::string& expected, util::Reporter& reporter,
              const std::string& title) {
  if (!expected.empty() && std::filesystem::exists(files.blob(expected))) return {expected, size_of(from)};
  const TemporaryBlob copy(files);
  const Blob blob =
      hash_file(from, reporter, title, [&](std::string_view part) { util::write_all(copy.descriptor(), part); });
  require_digest(blob, expected);
  give_name(copy.descriptor(), copy.path(), files.blob(blob.digest));
  return blob;
}

Blob link_blob(const StoreFiles& files, const std::filesystem::path& from, const std::string& expected,
               util::Reporter& reporter, const std::string& title) {
  const util::Fd file = util::open_file(from, O_RDONLY | O_NOFOLLOW);
  const Blob blob = hash_file(file.get(), reporter, title, [](std::string_view) {});
  require_digest(blob, expected);
  if (::fchmod(file.get(), 0600) != 0)
    throw util::SysError(errno, fmt::format("closing '{}' to others", from.native()));
  give_name(file.get(), from.native(), files.blob(blob.digest));
  return blob;
}

}  // namespace vmtool::images
