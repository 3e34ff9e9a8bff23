#pragma once
// A micro-appliance that somebody else boots, where the disks can be opened by a libvirt daemon only: this side of the talk with it.
//
//   vmtool ── job, keys ──► ApplianceLine (a stream of libvirt's) ──► virtio port ──► vmtool-identity-guest
//          ◄── report ───

#include <chrono>
#include <optional>
#include <string>

#include "identity/identity.hpp"

namespace vmtool::identity {

/// Bytes to an appliance and back.
class ApplianceLine {
 public:
  virtual ~ApplianceLine() = default;
  /// Sends what is taken at this moment: the number of bytes.
  virtual std::size_t say(const std::string& bytes) = 0;
  /// What has come; waits a moment where nothing has. Absent: the line has ended.
  virtual std::optional<std::string> hear() = 0;
};

/// Has the appliance at the other end of the line renew its disks, which are those of the request's target. What it says is not trusted: every message is
/// bounded, and so is the time in all. Throws what it answers, Error{unavailable} after `limit`, Error{io} where it ends without an answer.
Report renew_over(ApplianceLine& line, const Target& target, const Options& options, std::chrono::milliseconds limit);
/// The same for a look; its disks may be read-only.
Report show_over(ApplianceLine& line, const Target& target, const Options& options, std::chrono::milliseconds limit);

}  // namespace vmtool::identity
