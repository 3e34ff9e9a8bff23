#include "images/decoded_stream.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <cerrno>

#include "util/error.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::uint64_t always_allowed = std::uint64_t{1} << 30;
constexpr std::uint64_t never_allowed = std::uint64_t{256} << 30;
constexpr std::uint64_t largest_ratio = 200;
constexpr std::size_t block = std::size_t{1} << 18;

}  // namespace

std::uint64_t decoded_limit(std::uint64_t size) {
  return size > never_allowed / largest_ratio ? never_allowed : std::max(always_allowed, size * largest_ratio);
}

void load_decoders() { const util::Handle<struct archive, archive_read_free> any(archive_read_new()); }

// libarchive's "raw" format is a single member without a name: what is left once the filters are off.
struct DecodedStream::Reader {
  Reader(int from, Progress heard) : descriptor(from), progress(std::move(heard)), archive(archive_read_new()) {
    archive_read_support_filter_gzip(archive.get());
    archive_read_support_filter_zstd(archive.get());
    archive_read_support_filter_xz(archive.get());
    archive_read_support_filter_bzip2(archive.get());
    archive_read_support_format_raw(archive.get());
    archive_read_support_format_empty(archive.get());
  }

  static la_ssize_t on_read(struct archive*, void* self, const void** out) noexcept {
    auto& reader = *static_cast<Reader*>(self);
    ssize_t got = -1;
    do {
      got = ::read(reader.descriptor, reader.compressed.data(), reader.compressed.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      reader.read_error = errno;
      return ARCHIVE_FATAL;
    }
    reader.consumed += static_cast<std::uint64_t>(got);
    *out = reader.compressed.data();
    return got;
  }

  [[noreturn]] void fail() const {
    if (read_error != 0) throw util::SysError(read_error, "reading the archive");
    const char* reason = archive_error_string(archive.get());
    throw Error(Errc::invalid_input,
                "the archive is damaged: " + util::printable(reason != nullptr ? reason : "no reason is known"));
  }

  void open() {
    is_open = true;
    if (archive_read_open(archive.get(), this, nullptr, on_read, nullptr) != ARCHIVE_OK) fail();
    struct archive_entry* entry = nullptr;
    const int found = archive_read_next_header(archive.get(), &entry);
    if (found != ARCHIVE_OK && found != ARCHIVE_WARN && found != ARCHIVE_EOF) fail();
    at_end = found == ARCHIVE_EOF;
  }

  std::size_t read(std::vector<char>& into) {
    if (!is_open) open();
    if (at_end) return 0;
    const la_ssize_t got = archive_read_data(archive.get(), into.data(), into.size());
    if (got < 0) fail();
    at_end = got == 0;
    progress(consumed);
    return static_cast<std::size_t>(got);
  }

  int descriptor;
  Progress progress;
  util::Handle<struct archive, archive_read_free> archive;
  std::vector<char> compressed = std::vector<char>(block);
  std::uint64_t consumed = 0;
  int read_error = 0;
  bool is_open = false;
  bool at_end = false;
};

DecodedStream::DecodedStream(int descriptor, std::uint64_t limit, Progress progress)
    : reader_(std::make_unique<Reader>(descriptor, std::move(progress))), left_(limit), buffer_(block) {}

DecodedStream::~DecodedStream() = default;

std::span<const char> DecodedStream::read() {
  const std::size_t got = reader_->read(buffer_);
  if (got > left_) {
    throw Error(Errc::invalid_input, "the archive becomes too large when it is unpacked")
        .hint("it may be a bomb: more than 1 GiB, and more than 200 times its size");
  }
  left_ -= got;
  digest_.update({buffer_.data(), got});
  return {buffer_.data(), got};
}

std::string DecodedStream::finish() {
  while (!read().empty()) {
  }
  return digest_.finish_hex();
}

}  // namespace vmtool::images
