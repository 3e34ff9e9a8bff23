#pragma once
// One document's nodes → an object of the model.

#include <optional>

#include "manifest/reading.hpp"
#include "model/document.hpp"

namespace vmtool::manifest {

/// Reads a mapping by the table of its kind, then checks the object by the model's rules; what is wrong goes to `reading`.
/// Absent where not even the kind is known.
std::optional<model::Object> read_object(const Node& mapping, Reading& reading);

/// The sha256 of an object's canonical text, 64 hexadecimal digits.
std::string digest_of(const model::Object& object);

}  // namespace vmtool::manifest
