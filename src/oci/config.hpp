#pragma once
// OCI runtime-spec 1.x config.json → isolation::Spec. The document stays a document here: no JSON type leaves the room.

#include <string>
#include <string_view>

#include "isolation/spec.hpp"

namespace vmtool::oci {

/// Bytes of a config.json at most.
constexpr std::size_t config_limit = std::size_t{16} << 20;

/// Reads a config.json. `bundle` is the absolute directory that relative paths start from.
/// Throws Error{invalid_input} that names the member ("process.user.uid: must be at most 4294967294").
isolation::Spec read_config(std::string_view text, const std::string& bundle, const std::string& id);

/// Reads a process document (`exec --process FILE`).
isolation::Process read_process(std::string_view text);

/// Reads a resources document (`update --resources FILE`).
isolation::Resources read_resources(std::string_view text);

/// Annotations of our own.
constexpr const char* annotation_seccomp = "org.vmtool.seccomp";  ///< "unconfined": no filter where the config has none
constexpr const char* annotation_init = "org.vmtool.init";        ///< "true": a minimal init as process 1
constexpr const char* annotation_interfaces = "org.vmtool.interfaces";  ///< JSON array of network interfaces
constexpr const char* annotation_stop_signal =
    "org.vmtool.stopSignal";  ///< what `supervise` stops it with; default SIGTERM

}  // namespace vmtool::oci
