#pragma once
// Overlays on whichever host they lie.

#include <string>

#include "virt/connection.hpp"

namespace vmtool::ops {

/// Whether nothing was written to a qcow2 overlay since it was made. One that can't be opened here is read through its volume; false where it is none either.
bool is_unwritten_overlay(const virt::Connection& connection, const std::string& path);

}  // namespace vmtool::ops
