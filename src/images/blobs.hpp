#pragma once
// Files of the store that are named by what they hold.

#include <cstdint>
#include <string>
#include <string_view>

#include "images/store_files.hpp"

namespace vmtool::images {

struct Blob {
  std::string digest;
  std::uint64_t size = 0;
};

/// Copies the open file (from its offset on) into the store. Where `expected` is a digest and the content has another, nothing is kept.
/// Throws Error{invalid_input} that names both digests, SysError.
Blob add_blob(const StoreFiles& files, int from, const std::string& expected, util::Reporter& reporter,
              const std::string& title);

/// The same for a text.
Blob add_blob(const StoreFiles& files, std::string_view text, const std::string& expected = {});

/// Makes a blob of a file of the same filesystem that nobody else can change, without a copy where that can be. Throws as add_blob().
Blob link_blob(const StoreFiles& files, const std::filesystem::path& from, const std::string& expected,
               util::Reporter& reporter, const std::string& title);

}  // namespace vmtool::images
