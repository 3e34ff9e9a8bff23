#include "isolation/sealed_program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::isolation {

using util::Fd;
using util::SysError;

Fd seal_program(const char* name, std::span<const unsigned char> program) {
  constexpr unsigned exec = 0x10;  // MFD_EXEC, newer than the C library's headers
  Fd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | exec));
  if (!file && errno == EINVAL) file.reset(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) throw SysError(errno, fmt::format("can't make the memory file of '{}'", name));
  util::write_all(file.get(), {reinterpret_cast<const char*>(program.data()), program.size()});
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    throw SysError(errno, fmt::format("can't seal '{}'", name));
  }
  // A descriptor that is open for writing would keep the file from being executed.
  return util::open_file(fmt::format("/proc/self/fd/{}", file.get()), O_RDONLY);
}

}  // namespace vmtool::isolation
