#include "identity/require_call.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {

void require_call(int result, const char* what) {
  if (result < 0) throw util::SysError(errno, what);
}

void require_file_call(int result, const char* what, const std::string& path) {
  if (result < 0) throw util::SysError(errno, fmt::format("{} '{}'", what, util::printable(path)));
}

}  // namespace vmtool::identity
