#include "util/random.hpp"

#include <sys/random.h>

#include <cerrno>

#include "util/error.hpp"

namespace vmtool::util {

void fill_random(std::span<unsigned char> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SysError(errno, "reading random bytes");
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace vmtool::util
