#pragma once
// Which containers stand on layers of the image store.

#include <filesystem>
#include <vector>

#include "images/store.hpp"

namespace vmtool::ops {

/// $VMTOOL_STATE_DIR/images and its like: the user's image store.
images::Store image_store();

/// Read from <state>/containers/NAME/config.json: the layers that it names, in their order. Throws SysError.
std::vector<images::LayerUser> image_users(const std::filesystem::path& state_dir, const std::filesystem::path& store);

}  // namespace vmtool::ops
