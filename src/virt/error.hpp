#pragma once
// libvirt's errors as ours.

#include <string>

#include "util/error.hpp"

namespace vmtool::virt {

/// Thrown by everything in this room. Takes libvirt's last error of the calling thread in its constructor, so it must be
/// made before any other libvirt call; maps (domain, code), then known texts, to a kind, a cause and a hint; libvirt's own
/// text is always part of the message.
class VirtError : public util::Error {
 public:
  explicit VirtError(const std::string& what_was_done);
  int code() const noexcept { return code_; }      ///< VIR_ERR_…
  int domain() const noexcept { return domain_; }  ///< VIR_FROM_…

 private:
  struct Last;
  VirtError(const std::string& what_was_done, const Last& last);
  int code_ = 0;
  int domain_ = 0;
};

}  // namespace vmtool::virt
