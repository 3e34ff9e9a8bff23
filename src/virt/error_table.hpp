#pragma once
// What libvirt's errors mean. Pure; private to the room.

#include <string>
#include <string_view>

#include "util/error.hpp"

namespace vmtool::virt {

/// The meaning of one of libvirt's errors.
struct Meaning {
  util::Errc kind = util::Errc::io;
  std::string_view cause;  ///< empty: libvirt's text says it
  std::string_view hint;   ///< empty: none
};

/// By domain (VIR_FROM_…) and code (VIR_ERR_…) and, since many causes share a code, by what the text contains; the first
/// row of the table that matches, else what the code alone stands for.
Meaning meaning_of(int domain, int code, std::string_view text);

/// libvirt's text in one line, without the ends of lines that qemu's own words bring.
std::string one_line(std::string_view text);

}  // namespace vmtool::virt
