#pragma once
// A new identity for a machine that exists, inside its own disks; in a running one by its guest agent.
//
//   journal/identity-NAME.undo: the old content of what is written, on stable storage before the first write
//   renew ─► (whatever else belongs to it) ─► remove the undo file: done
//     └── failed or killed: the undo file brings the disks back, at once or by recover_reset()
//   where only a kernel can write: on overlays, which go into the disks at the end (reset_redo.hpp)

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "identity/identity.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Renews the identity of a machine. Its MACs and fixed addresses stay, unless `options` says otherwise:
/// nobody else has them. `then` runs while the disks can still be brought back; what it throws does so.
/// Throws Error{conflict} where the machine runs without a guest agent, is paused, has a saved state, has a disk that another volume stands on, or was left
/// half-done by an earlier reset; else what identity_target, identity::renew and identity::renew_running throw. Nothing has changed after a throw.
identity::Report reset_identity(const virt::Connection& connection, const std::string& name, identity::Options options,
                                util::Reporter& reporter, const std::function<void()>& then = {});

/// The machines whose reset was interrupted, by name.
std::vector<std::string> interrupted_resets();

/// Throws Error{conflict} where a reset of the machine was interrupted: its disks are neither old nor new.
void check_no_interrupted_reset(const std::string& name);

/// Brings the disks of such a machine back to what they were, or where the new content was complete already, finishes. Throws Error{conflict} where they were changed since.
void recover_reset(const std::string& name);

}  // namespace vmtool::ops
