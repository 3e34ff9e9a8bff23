#pragma once
// Whole files in and out.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "util/fd.hpp"

namespace vmtool::util {

/// open(2) with O_CLOEXEC, retried on EINTR. Throws SysError that names the path.
Fd open_file(const std::filesystem::path& path, int flags, mode_t mode = 0);

/// The content of a regular file. Throws SysError, and Error{invalid_input} where it is no regular file or has more
/// than `limit` bytes (nothing beyond the limit is read).
std::string read_file(const std::filesystem::path& path, std::size_t limit);

/// Everything that can be read from a descriptor, up to `limit` bytes; more is an Error{invalid_input}.
std::string read_all(int descriptor, std::size_t limit);

/// Writes all bytes. Throws SysError.
void write_all(int descriptor, std::string_view data);

/// Replaces a file in one step (temporary file in the same directory, fsync, rename), so that a reader or a crash
/// sees the old content or the new one. Throws SysError.
void write_file_atomic(const std::filesystem::path& path, std::string_view data, mode_t mode = 0644);

}  // namespace vmtool::util
