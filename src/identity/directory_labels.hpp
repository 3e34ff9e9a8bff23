#pragma once
// Extended attributes of files that are open.

#include <optional>
#include <string>
#include <string_view>

#include "util/fd.hpp"

namespace vmtool::identity {

/// How the names of staged files begin.
inline constexpr std::string_view staged_prefix = ".vmtool-new-";

/// The extended attribute that holds the SELinux label.
inline constexpr const char* label_attribute = "security.selinux";

/// The SELinux label, byte for byte.
std::optional<std::string> find_label(const util::Fd& file);
/// Sets it where the filesystem takes labels.
void put_label(const util::Fd& file, const std::string& label);

/// Copies every extended attribute (ACLs and labels are some) but what overlayfs keeps of its layers. Throws SysError.
void copy_attributes(const util::Fd& from, const util::Fd& to);

}  // namespace vmtool::identity
