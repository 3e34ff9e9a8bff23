#pragma once
// Machine ids (machine-id(5)): 32 lower-case hexadecimal digits, not all zero.

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace vmtool::identity {

bool is_machine_id(std::string_view text);

/// A random id with the version and variant bits of RFC 4122 v4, as systemd makes them.
std::string random_machine_id(const std::function<void(std::span<unsigned char>)>& random);

/// Text that the file may hold: an id, nothing, or "uninitialized"; anything else is another file's content.
bool is_machine_id_file(std::string_view content);

/// The partition UUID that binds a discoverable /var to its machine: HMAC-SHA256 of the type GUID keyed by the
/// machine-id, cut to 16 bytes with v4 bits, as text with dashes (Discoverable Partitions Specification).
std::string var_partition_uuid(std::string_view machine_id);

}  // namespace vmtool::identity
