#pragma once
// Facts about this host that cost time to find out, remembered in the run directory (/run/vmtool; without root
// $XDG_RUNTIME_DIR/vmtool). Losing one costs its finder a moment, nothing else.

#include <optional>
#include <string>
#include <string_view>

namespace vmtool::ops {

/// What was remembered as `fact` if that was under this very `key` (a line of text: what the fact holds for).
/// Nothing where the key is empty, or nothing can be read.
std::optional<std::string> recall(const std::string& fact, std::string_view key);

/// Remembers `value`, of any number of lines, instead of what `fact` was before. Does nothing where the key is empty, or nothing can be written.
void remember(const std::string& fact, std::string_view key, std::string_view value);

/// A key that holds until the next boot; empty where the kernel does not tell its boot id.
std::string boot_id();

/// A key that holds as long as the libvirt daemon behind a local connection lives; empty where that can't be told
/// (a remote host, a socket of one's own, no pid file).
std::string daemon_life(const std::string& uri);

}  // namespace vmtool::ops
