#include "virt/error.hpp"

#include <libvirt/virterror.h>

#include "virt/error_table.hpp"

namespace vmtool::virt {

// A copy, since the next call of libvirt on this thread may clear it.
struct VirtError::Last {
  int code = VIR_ERR_INTERNAL_ERROR;
  int domain = VIR_FROM_NONE;
  std::string text = "libvirt gave no reason";

  static Last take() {
    Last last;
    const virErrorPtr error = virGetLastError();
    if (error == nullptr) return last;
    last.code = error->code;
    last.domain = error->domain;
    if (error->message != nullptr) last.text = one_line(error->message);
    return last;
  }
  Meaning meaning() const { return meaning_of(domain, code, text); }
  std::string message(const std::string& what_was_done) const {
    std::string message = what_was_done + ": ";
    if (const std::string_view cause = meaning().cause; !cause.empty()) message.append(cause) += ": ";
    return message += text;
  }
};

VirtError::VirtError(const std::string& what_was_done) : VirtError(what_was_done, Last::take()) {}

VirtError::VirtError(const std::string& what_was_done, const Last& last)
    : Error(last.meaning().kind, last.message(what_was_done)), code_(last.code), domain_(last.domain) {
  hint(std::string(last.meaning().hint));
}

}  // namespace vmtool::virt
