#pragma once
// qemu-nbd for one disk: every image format that QEMU reads, with its image lock.

#include <optional>
#include <string>

#include "identity/chain_check.hpp"
#include "util/command.hpp"
#include "util/fd.hpp"

namespace vmtool::identity {

/// A running qemu-nbd that serves one client, which is connected already; it ends with the connection, with this object,
/// and with this process. Its socket has no name by the time that the constructor returns.
class NbdServer {
 public:
  /// Throws SysError, Error{unavailable} where qemu-nbd is not installed.
  NbdServer(const Disk& disk, ImageAccess access);

  /// The connected end, once.
  util::Fd take_connection() noexcept { return std::move(connection_); }

  /// Why it gave up, in its own words; absent where it runs or has ended in order. Waits 2 s at most for its end.
  std::optional<std::string> failure();

  /// Returns when it has ended and the image is closed; call after the client has left.
  void finish();

 private:
  util::Child child_;
  util::Fd connection_;
  util::Fd errors_;
};

}  // namespace vmtool::identity
