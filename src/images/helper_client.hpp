#pragma once
// Work on archives and on trees of images, done by the program `vmtool-image` (helper_program.hpp).

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "util/reporter.hpp"

namespace vmtool::images {

/// How long a part of the work is, for the progress bar.
struct HelperProgress {
  util::Reporter& reporter;
  std::string title;
  std::uint64_t total = 0;  ///< bytes of the archive
};

/// Results by their key. Throws what the helper answers, and Error{unavailable} where it is not installed.
std::map<std::string, std::string> ask_helper(const std::vector<std::string>& args,
                                              const HelperProgress* progress = nullptr);

/// Removes a tree whose files may belong to subordinate ids. Throws as ask_helper().
void remove_tree(const std::filesystem::path& tree);

/// Throws as util::find_helper().
std::filesystem::path find_image_helper();

}  // namespace vmtool::images
