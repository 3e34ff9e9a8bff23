#include "images/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "util/error.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t most_xattrs = 256;

TarEntry::Type type_of(mode_t kind) {
  switch (kind) {
    case S_IFREG: return TarEntry::Type::file;
    case S_IFDIR: return TarEntry::Type::directory;
    case S_IFLNK: return TarEntry::Type::symlink;
    case S_IFCHR: return TarEntry::Type::character_device;
    case S_IFBLK: return TarEntry::Type::block_device;
    case S_IFIFO: return TarEntry::Type::fifo;
    default: return TarEntry::Type::other;
  }
}

std::string text_of(const char* text) { return text != nullptr ? text : ""; }

void read_xattrs(struct archive_entry* from, TarEntry& into) {
  archive_entry_xattr_reset(from);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (into.xattrs.size() < most_xattrs && archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
    if (name != nullptr)
      into.xattrs.emplace_back(name, std::string(static_cast<const char*>(value), value != nullptr ? size : 0));
  }
}

}  // namespace

struct TarReader::Reader {
  explicit Reader(DecodedStream& from) : stream(from), archive(archive_read_new()) {
    archive_read_support_format_tar(archive.get());
    archive_read_support_format_empty(archive.get());
  }

  // No exception may pass through libarchive.
  static la_ssize_t on_read(struct archive*, void* self, const void** out) noexcept {
    auto& reader = *static_cast<Reader*>(self);
    try {
      const std::span<const char> part = reader.stream.read();
      *out = part.data();
      return static_cast<la_ssize_t>(part.size());
    } catch (...) {
      reader.failure = std::current_exception();
      return ARCHIVE_FATAL;
    }
  }

  // A warning is about a name that the locale can't show, or a header that libarchive does not know.
  void check(int result) const {
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN) return;
    if (failure) std::rethrow_exception(failure);
    const char* reason = archive_error_string(archive.get());
    throw Error(Errc::invalid_input, "this is no tar archive, or it is damaged: " +
                                         util::printable(reason != nullptr ? reason : "no reason is known"));
  }

  DecodedStream& stream;
  util::Handle<struct archive, archive_read_free> archive;
  std::exception_ptr failure{};
  bool is_open = false;
};

TarReader::TarReader(DecodedStream& stream) : reader_(std::make_unique<Reader>(stream)) {}

TarReader::~TarReader() = default;

std::optional<TarEntry> TarReader::next() {
  if (!reader_->is_open) {
    reader_->is_open = true;
    reader_->check(archive_read_open(reader_->archive.get(), reader_.get(), nullptr, Reader::on_read, nullptr));
  }
  struct archive_entry* found = nullptr;
  const int result = archive_read_next_header(reader_->archive.get(), &found);
  if (result == ARCHIVE_EOF) return std::nullopt;
  reader_->check(result);
  TarEntry out;
  out.path = text_of(archive_entry_pathname(found));
  if (const char* target = archive_entry_hardlink(found)) {
    out.type = TarEntry::Type::hardlink;
    out.target = target;
  } else {
    out.type = type_of(archive_entry_filetype(found));
    out.target = text_of(archive_entry_symlink(found));
  }
  out.mode = archive_entry_perm(found) & 07777;
  out.uid = archive_entry_uid(found);
  out.gid = archive_entry_gid(found);
  out.size = archive_entry_size(found);
  out.modified = {archive_entry_mtime(found), archive_entry_mtime_nsec(found)};
  out.device = makedev(static_cast<unsigned>(archive_entry_rdevmajor(found)),
                       static_cast<unsigned>(archive_entry_rdevminor(found)));
  read_xattrs(found, out);
  return out;
}

std::optional<TarBlock> TarReader::next_block() {
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int result = archive_read_data_block(reader_->archive.get(), &data, &size, &offset);
  if (result == ARCHIVE_EOF) return std::nullopt;
  reader_->check(result);
  return TarBlock{offset, {static_cast<const char*>(data), size}};
}

}  // namespace vmtool::images
