#pragma once
// The program `vmtool-image`, which reads archives that nobody vouches for. It confines itself to one directory first.
//
//   vmtool-image unpack-layer DIRECTORY ARCHIVE   a layer to overlay form
//   vmtool-image unpack-files DIRECTORY ARCHIVE   the files of an archive, without owners and the like
//   vmtool-image kind DIRECTORY ARCHIVE           what kind of archive it is; the directory is only where it confines itself to
//   vmtool-image measure DIRECTORY                what a tree is
//   vmtool-image remove DIRECTORY NAME            a tree below a directory
//
// It answers on standard output by lines of words between tabs: "progress BYTES", "result KEY VALUE", "error KIND MESSAGE HINT".

#include <string>
#include <vector>

namespace vmtool::images {

/// The program without its name; the value is its exit code.
int run_helper_program(const std::vector<std::string>& args) noexcept;

}  // namespace vmtool::images
