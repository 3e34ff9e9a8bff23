#include "storage/seed.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

#include <fmt/format.h>

#include "storage/pending_file.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::storage {
namespace {

using util::Errc;
using util::Error;

using Writer = util::Handle<archive, archive_write_free>;
using Reader = util::Handle<archive, archive_read_free>;
using Entry = util::Handle<archive_entry, archive_entry_free>;

constexpr const char* label = "cidata";
// ECMA-119: the volume descriptor is in the seventeenth sector of 2048 bytes; its label begins at byte 40 of it.
constexpr off_t descriptor_offset = 16 * 2048;
constexpr std::size_t label_offset = 40;
constexpr std::size_t label_length = 32;
// A seed is small; this keeps a file that only looks like one from filling the memory.
constexpr std::size_t most_files = 64;
constexpr la_int64_t largest_file = la_int64_t{16} << 20;

[[noreturn]] void fail(archive* a, Errc kind, const std::string& doing) {
  const char* why = archive_error_string(a);
  throw Error(kind,
              fmt::format("{}: {}", doing, why != nullptr ? util::printable(why) : "libarchive does not say why"));
}

void add(archive* a, const SeedFile& file, const std::string& doing) {
  const Entry entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), file.name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 0, 0);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content.size()));
  if (archive_write_header(a, entry.get()) != ARCHIVE_OK) fail(a, Errc::io, doing);
  if (archive_write_data(a, file.content.data(), file.content.size()) != static_cast<la_ssize_t>(file.content.size()))
    fail(a, Errc::io, doing);
}

std::string content_of(archive* a, la_int64_t size, const std::string& doing) {
  if (size > largest_file) throw Error(Errc::invalid_input, doing + ": a file in it is too large for a seed");
  std::string content(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const la_ssize_t got = archive_read_data(a, content.data() + done, content.size() - done);
    if (got < 0) fail(a, Errc::invalid_input, doing);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  content.resize(done);
  return content;
}

}  // namespace

bool is_seed(const std::filesystem::path& path) {
  const util::Fd file = util::open_file(path, O_RDONLY | O_NONBLOCK);
  std::array<char, label_offset + label_length> descriptor{};
  const ssize_t got = ::pread(file.get(), descriptor.data(), descriptor.size(), descriptor_offset);
  if (got < 0) throw util::SysError(errno, fmt::format("reading '{}'", path.native()));
  if (got < static_cast<ssize_t>(descriptor.size())) return false;
  const std::string_view text(descriptor.data(), descriptor.size());
  if (text.substr(0, 6) != std::string_view("\1CD001")) return false;
  std::string found(util::trim(text.substr(label_offset)));
  std::transform(found.begin(), found.end(), found.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return found == label;
}

std::vector<SeedFile> read_seed(const std::filesystem::path& path) {
  const std::string doing = fmt::format("reading the seed '{}'", path.native());
  const util::Fd file = util::open_file(path, O_RDONLY);
  const Reader reader(archive_read_new());
  if (archive_read_support_format_iso9660(reader.get()) != ARCHIVE_OK ||
      archive_read_open_fd(reader.get(), file.get(), 64 << 10) != ARCHIVE_OK) {
    fail(reader.get(), Errc::invalid_input, doing);
  }
  std::vector<SeedFile> files;
  archive_entry* entry = nullptr;
  for (;;) {
    const int state = archive_read_next_header(reader.get(), &entry);
    if (state == ARCHIVE_EOF) return files;
    if (state != ARCHIVE_OK && state != ARCHIVE_WARN) fail(reader.get(), Errc::invalid_input, doing);
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* name = archive_entry_pathname(entry);
    if (files.size() >= most_files || name == nullptr)
      throw Error(Errc::invalid_input, doing + ": it holds more than a seed does");
    files.push_back({name, content_of(reader.get(), archive_entry_size(entry), doing)});
  }
}

void write_seed(const std::filesystem::path& path, const std::vector<SeedFile>& files) {
  const std::string doing = fmt::format("writing the seed '{}'", path.native());
  PendingFile pending(path, PendingFile::Name::none);
  const Writer writer(archive_write_new());
  if (archive_write_set_format_iso9660(writer.get()) != ARCHIVE_OK ||
      archive_write_set_format_option(writer.get(), "iso9660", "volume-id", label) != ARCHIVE_OK ||
      archive_write_open_fd(writer.get(), pending.descriptor()) != ARCHIVE_OK) {
    fail(writer.get(), Errc::io, doing);
  }
  for (const SeedFile& file : files) add(writer.get(), file, doing);
  if (archive_write_close(writer.get()) != ARCHIVE_OK) fail(writer.get(), Errc::io, doing);
  pending.commit();
}

}  // namespace vmtool::storage
