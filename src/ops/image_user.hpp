#pragma once
// The user that an image wants its process to be.

#include <optional>
#include <string>
#include <vector>

#include "model/container.hpp"

namespace vmtool::ops {

/// "", "UID", "UID:GID", or names of the image's own /etc/passwd and /etc/group (passwd(5), group(5)); a user without a group has that of
/// /etc/passwd, or 0. `layers` are the image's, top first. Absent for "". Throws Error{invalid_input} where a name is in neither.
std::optional<model::ContainerUser> image_user(const std::string& text, const std::vector<std::string>& layers);

}  // namespace vmtool::ops
