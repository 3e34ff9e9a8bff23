#pragma once
// What the process that edits may ask for: host keys, which it can't make itself.

#include <functional>
#include <optional>

#include "identity/wire.hpp"

namespace vmtool::identity {

/// Answers what the other end asks for until it sends its end, which is returned; absent where `receive` says that it is gone
/// before. Throws Error{invalid_input} where it asks again and again, and what `send` and `receive` throw.
std::optional<Json> serve_keys(const std::function<std::optional<Json>()>& receive,
                               const std::function<void(const Json&)>& send);

}  // namespace vmtool::identity
