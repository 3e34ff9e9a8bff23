#pragma once
// The annotations of a container's config.json. The first four are the engine's (docs/reference/isolate.md).

namespace vmtool::bundle {

constexpr const char* annotation_interfaces = "org.vmtool.interfaces";
constexpr const char* annotation_init = "org.vmtool.init";
constexpr const char* annotation_seccomp = "org.vmtool.seccomp";
constexpr const char* annotation_stop_signal = "org.vmtool.stopSignal";

constexpr const char* annotation_autostart = "org.vmtool.autostart";
constexpr const char* annotation_digest = "org.vmtool.manifestDigest";
constexpr const char* annotation_image = "org.vmtool.image";
constexpr const char* annotation_protected = "org.vmtool.protected";
constexpr const char* annotation_remove = "org.vmtool.removeAtEnd";
constexpr const char* annotation_restart = "org.vmtool.restartPolicy";
constexpr const char* annotation_uuid = "org.vmtool.uuid";
constexpr const char* annotation_stop_timeout = "org.vmtool.stopTimeout";

}  // namespace vmtool::bundle
