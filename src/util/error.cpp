#include "util/error.hpp"

#include <cstring>

namespace vmtool::util {

const char* to_text(Errc kind) noexcept {
  switch (kind) {
    case Errc::usage: return "usage";
    case Errc::invalid_input: return "invalid_input";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::unavailable: return "unavailable";
    case Errc::denied: return "denied";
    case Errc::io: return "io";
    case Errc::interrupted: return "interrupted";
    case Errc::internal: return "internal";
  }
  return "internal";
}

Error::Error(Errc kind, std::string message) : kind_(kind), message_(std::move(message)) {}

Error& Error::hint(std::string text) & {
  hint_ = std::move(text);
  return *this;
}

Error&& Error::hint(std::string text) && {
  hint_ = std::move(text);
  return std::move(*this);
}

void Error::add_step(std::string step) { steps_.push_back(std::move(step)); }

Errc kind_of_errno(int errno_value) noexcept {
  switch (errno_value) {
    case ENOENT:
    case ESRCH: return Errc::not_found;
    case EEXIST:
    case EBUSY: return Errc::conflict;
    case EACCES:
    case EPERM: return Errc::denied;
    case ENOSYS:
    case ECONNREFUSED: return Errc::unavailable;
    default: return Errc::io;
  }
}

SysError::SysError(int errno_value, const std::string& message)
    : Error(kind_of_errno(errno_value), message + ": " + std::strerror(errno_value)), errno_value_(errno_value) {}

}  // namespace vmtool::util
