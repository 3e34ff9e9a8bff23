#pragma once
// The shell scripts that read and write a running guest's identity. They need a POSIX shell, stat, readlink, head, find, and
// what every system has; busybox's will do.

#include <string>
#include <string_view>
#include <vector>

#include "identity/facts.hpp"
#include "identity/guest_tree.hpp"

namespace vmtool::identity {

/// A script that prints what is there of `interests`, for read_scan(). `root` is put before every path: empty in a guest.
std::string scan_script(const std::vector<Interest>& interests, const std::string& root = "");

/// Throws Error{io} where the text is not what such a script prints.
Facts read_scan(std::string_view text);

/// A script that makes the edits. New content is written beside the old one first, with its owner, mode and (where the guest's cp
/// keeps them) extended attributes; only when all of it is there is it renamed into place. Where it fails before, nothing is left.
/// Throws Error{invalid_input} for a path that no script can name: one with a line break in it.
std::string edit_script(const std::vector<Edit>& edits, const std::string& root = "");

}  // namespace vmtool::identity
