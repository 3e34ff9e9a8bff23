#pragma once
// A machine with every field that identifies one, and its clone.

#include <filesystem>
#include <string>

#include "xml/clone.hpp"

namespace vmtool::tests {

/// tests/golden/xml/clone.
std::filesystem::path clone_folder();

/// The definition of 'golden', as libvirt prints it.
std::string everything();

/// 'golden' cloned as 'silver', with bytes that count up in place of random ones.
xml::ClonedDomain clone_of_everything();

}  // namespace vmtool::tests
