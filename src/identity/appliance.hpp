#pragma once
// The micro-appliance: a machine of a few seconds that has the guest's disks and nothing else, and in which the host's kernel
// mounts what can't be edited from outside. What it does is in appliance_guest.hpp.

#include <string>
#include <vector>

#include "identity/chain_check.hpp"
#include "identity/channel.hpp"
#include "util/command.hpp"

namespace vmtool::identity {

/// A booting or working appliance; it ends with this object and with this process.
class Appliance {
 public:
  /// Boots it with the disks of the job; `contents` are the filesystems that were seen on them, for their drivers.
  /// Throws Error{unavailable} where QEMU, a kernel or a driver is missing.
  Appliance(const Job& job, const std::vector<std::string>& contents);

  /// Over which it is told its job, asks for keys and tells its end. A receive waits for the boot.
  const Channel& channel() const noexcept { return channel_; }
  /// To be called when it has told its end: it powers off, and the images are closed. Throws Error{io} where it does not.
  void finish();
  /// Why there was no answer, in QEMU's or the kernel's words.
  std::string last_words();

 private:
  Channel channel_;
  util::Child machine_;
  util::Fd words_;
};

}  // namespace vmtool::identity
