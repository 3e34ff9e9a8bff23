// Every libarchive function that is used here and in the room `images`, forwarded to a libarchive.so.13 that is opened by the first call, so that
// a program which makes no seed does not pay for loading it. The prototypes are libarchive's own: a definition that differs
// from the header does not compile.

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>

#include "util/error.hpp"

namespace {

using vmtool::util::Errc;
using vmtool::util::Error;

constexpr const char* library_name = "libarchive.so.13";

void* open_library() {
  void* library = ::dlopen(library_name, RTLD_LAZY | RTLD_LOCAL);
  if (library != nullptr) return library;
  const char* reason = ::dlerror();
  throw Error(Errc::unavailable,
              std::string("libarchive can't be loaded: ") + (reason != nullptr ? reason : library_name))
      .hint("install it: apt install libarchive13");
}

// One static per function, since each instance of the template is named by the function that it stands for.
template <auto* Function>
auto real(const char* name) {
  static const auto function = [name] {
    static void* const library = open_library();
    void* symbol = ::dlsym(library, name);
    if (symbol == nullptr)
      throw Error(Errc::unavailable, std::string("libarchive is too old: it has no function '") + name + "'");
    return reinterpret_cast<decltype(Function)>(symbol);
  }();
  return function;
}

}  // namespace

extern "C" {

struct archive* archive_write_new() {
  return real<archive_write_new>("archive_write_new")();
}
int archive_write_set_format_iso9660(struct archive* a) {
  return real<archive_write_set_format_iso9660>("archive_write_set_format_iso9660")(a);
}
int archive_write_set_format_option(struct archive* a, const char* module, const char* option, const char* value) {
  return real<archive_write_set_format_option>("archive_write_set_format_option")(a, module, option, value);
}
int archive_write_open_fd(struct archive* a, int descriptor) {
  return real<archive_write_open_fd>("archive_write_open_fd")(a, descriptor);
}
int archive_write_header(struct archive* a, struct archive_entry* entry) {
  return real<archive_write_header>("archive_write_header")(a, entry);
}
la_ssize_t archive_write_data(struct archive* a, const void* data, size_t size) {
  return real<archive_write_data>("archive_write_data")(a, data, size);
}
int archive_write_close(struct archive* a) { return real<archive_write_close>("archive_write_close")(a); }
int archive_write_free(struct archive* a) { return real<archive_write_free>("archive_write_free")(a); }

struct archive* archive_read_new() {
  return real<archive_read_new>("archive_read_new")();
}
int archive_read_support_format_iso9660(struct archive* a) {
  return real<archive_read_support_format_iso9660>("archive_read_support_format_iso9660")(a);
}
int archive_read_support_format_tar(struct archive* a) {
  return real<archive_read_support_format_tar>("archive_read_support_format_tar")(a);
}
int archive_read_support_format_raw(struct archive* a) {
  return real<archive_read_support_format_raw>("archive_read_support_format_raw")(a);
}
int archive_read_support_format_empty(struct archive* a) {
  return real<archive_read_support_format_empty>("archive_read_support_format_empty")(a);
}
int archive_read_support_filter_gzip(struct archive* a) {
  return real<archive_read_support_filter_gzip>("archive_read_support_filter_gzip")(a);
}
int archive_read_support_filter_zstd(struct archive* a) {
  return real<archive_read_support_filter_zstd>("archive_read_support_filter_zstd")(a);
}
int archive_read_support_filter_xz(struct archive* a) {
  return real<archive_read_support_filter_xz>("archive_read_support_filter_xz")(a);
}
int archive_read_support_filter_bzip2(struct archive* a) {
  return real<archive_read_support_filter_bzip2>("archive_read_support_filter_bzip2")(a);
}
int archive_read_open(struct archive* a, void* data, archive_open_callback* opener, archive_read_callback* reader,
                      archive_close_callback* closer) {
  return real<archive_read_open>("archive_read_open")(a, data, opener, reader, closer);
}
int archive_read_data_block(struct archive* a, const void** data, size_t* size, la_int64_t* offset) {
  return real<archive_read_data_block>("archive_read_data_block")(a, data, size, offset);
}
int archive_read_open_fd(struct archive* a, int descriptor, size_t block) {
  return real<archive_read_open_fd>("archive_read_open_fd")(a, descriptor, block);
}
int archive_read_next_header(struct archive* a, struct archive_entry** entry) {
  return real<archive_read_next_header>("archive_read_next_header")(a, entry);
}
la_ssize_t archive_read_data(struct archive* a, void* data, size_t size) {
  return real<archive_read_data>("archive_read_data")(a, data, size);
}
int archive_read_free(struct archive* a) { return real<archive_read_free>("archive_read_free")(a); }
const char* archive_error_string(struct archive* a) { return real<archive_error_string>("archive_error_string")(a); }

struct archive_entry* archive_entry_new() {
  return real<archive_entry_new>("archive_entry_new")();
}
void archive_entry_free(struct archive_entry* entry) { real<archive_entry_free>("archive_entry_free")(entry); }
void archive_entry_set_pathname(struct archive_entry* entry, const char* name) {
  real<archive_entry_set_pathname>("archive_entry_set_pathname")(entry, name);
}
void archive_entry_set_size(struct archive_entry* entry, la_int64_t size) {
  real<archive_entry_set_size>("archive_entry_set_size")(entry, size);
}
void archive_entry_set_filetype(struct archive_entry* entry, unsigned int type) {
  real<archive_entry_set_filetype>("archive_entry_set_filetype")(entry, type);
}
void archive_entry_set_perm(struct archive_entry* entry, __LA_MODE_T mode) {
  real<archive_entry_set_perm>("archive_entry_set_perm")(entry, mode);
}
void archive_entry_set_mtime(struct archive_entry* entry, time_t seconds, long nanoseconds) {
  real<archive_entry_set_mtime>("archive_entry_set_mtime")(entry, seconds, nanoseconds);
}
const char* archive_entry_pathname(struct archive_entry* entry) {
  return real<archive_entry_pathname>("archive_entry_pathname")(entry);
}
la_int64_t archive_entry_size(struct archive_entry* entry) {
  return real<archive_entry_size>("archive_entry_size")(entry);
}
__LA_MODE_T archive_entry_filetype(struct archive_entry* entry) {
  return real<archive_entry_filetype>("archive_entry_filetype")(entry);
}
const char* archive_entry_hardlink(struct archive_entry* entry) {
  return real<archive_entry_hardlink>("archive_entry_hardlink")(entry);
}
const char* archive_entry_symlink(struct archive_entry* entry) {
  return real<archive_entry_symlink>("archive_entry_symlink")(entry);
}
__LA_MODE_T archive_entry_perm(struct archive_entry* entry) {
  return real<archive_entry_perm>("archive_entry_perm")(entry);
}
la_int64_t archive_entry_uid(struct archive_entry* entry) {
  return real<archive_entry_uid>("archive_entry_uid")(entry);
}
la_int64_t archive_entry_gid(struct archive_entry* entry) {
  return real<archive_entry_gid>("archive_entry_gid")(entry);
}
time_t archive_entry_mtime(struct archive_entry* entry) {
  return real<archive_entry_mtime>("archive_entry_mtime")(entry);
}
long archive_entry_mtime_nsec(struct archive_entry* entry) {
  return real<archive_entry_mtime_nsec>("archive_entry_mtime_nsec")(entry);
}
dev_t archive_entry_rdevmajor(struct archive_entry* entry) {
  return real<archive_entry_rdevmajor>("archive_entry_rdevmajor")(entry);
}
dev_t archive_entry_rdevminor(struct archive_entry* entry) {
  return real<archive_entry_rdevminor>("archive_entry_rdevminor")(entry);
}
int archive_entry_xattr_reset(struct archive_entry* entry) {
  return real<archive_entry_xattr_reset>("archive_entry_xattr_reset")(entry);
}
int archive_entry_xattr_next(struct archive_entry* entry, const char** name, const void** value, size_t* size) {
  return real<archive_entry_xattr_next>("archive_entry_xattr_next")(entry, name, value, size);
}

}  // extern "C"
