#include "util/fd.hpp"

#include <unistd.h>

namespace vmtool::util {

void Fd::reset(int descriptor) noexcept {
  const int old = std::exchange(descriptor_, descriptor);
  if (old >= 0) ::close(old);
}

}  // namespace vmtool::util
