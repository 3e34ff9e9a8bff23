#pragma once
// Id maps of user namespaces: checked, written, and made into namespaces for idmapped mounts.

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "isolation/spec.hpp"
#include "util/fd.hpp"

namespace vmtool::isolation {

/// Checks one map: not empty, no zero or overflowing range, no overlap on either side, at most 340 lines
/// (user_namespaces(7)). `what` is "uid" or "gid". Throws Error{invalid_input}.
void check_id_map(const std::vector<IdMap>& map, const char* what);

/// The lines as /proc/PID/uid_map takes them.
std::string id_map_text(const std::vector<IdMap>& map);

/// The host's id for one of the container's; absent where it is not mapped.
std::optional<std::uint32_t> to_host_id(const std::vector<IdMap>& map, std::uint32_t id) noexcept;

/// A range of subordinate ids (subuid(5)).
struct SubordinateRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// The ranges that `text` (an /etc/subuid) gives to a user by name or number. Lines that are not well formed are skipped.
std::vector<SubordinateRange> subordinate_ranges(std::string_view text, const std::string& user, uid_t uid);

/// Writes both maps of process `pid`: directly where this process may, else through newuidmap and newgidmap.
/// Throws Error{denied} that names the range beyond what the user has.
void write_id_maps(pid_t pid, const std::vector<IdMap>& uid_map, const std::vector<IdMap>& gid_map);

/// Whether the maps leave setgroups(2) usable: not when an unprivileged user maps only itself.
bool keeps_setgroups(const std::vector<IdMap>& gid_map);

/// A user namespace with these maps that no process lives in, for mount_setattr(2). Throws Error.
util::Fd make_user_namespace(const std::vector<IdMap>& uid_map, const std::vector<IdMap>& gid_map);

}  // namespace vmtool::isolation
