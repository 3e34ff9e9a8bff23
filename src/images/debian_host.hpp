#pragma once
// What an image of Debian takes from the host that builds it.

#include <string>
#include <utility>
#include <vector>

namespace vmtool::images {

/// VERSION_CODENAME of os-release(5). Throws Error{unavailable} where this is no Debian.
std::string debian_suite_of_host();

/// The files with the distribution's own apt sources. Throws Error{unavailable} where there are none.
std::vector<std::string> debian_sources_of_host();

/// PATH with the folders where Debian keeps sfdisk and its like: an ordinary user's often lacks them.
std::pair<std::string, std::string> wide_path();

/// Throws Error{unavailable} for the first of the programs that is missing; `packages` have them.
void require_programs(const std::vector<std::string>& programs, const std::string& packages);

/// Throws Error{invalid_input} for what can be no name of a Debian package.
void require_package_names(const std::vector<std::string>& names);

/// The last lines of what a program said: the cause stands at its end, after pages of progress.
std::string last_lines(const std::string& text);

}  // namespace vmtool::images
