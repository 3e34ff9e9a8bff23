#include "util/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "util/bytes.hpp"
#include "util/error.hpp"
#include "util/random.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"

namespace vmtool::util {

Fd open_file(const std::filesystem::path& path, int flags, mode_t mode) {
  for (;;) {
    Fd file(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (file) return file;
    if (errno != EINTR) throw SysError(errno, fmt::format("opening '{}'", printable(path.native())));
  }
}

std::string read_all(int descriptor, std::size_t limit) {
  std::string data;
  std::size_t filled = 0;
  for (;;) {
    if (filled == data.size()) data.resize(std::min(limit + 1, std::max<std::size_t>(8 * 1024, data.size() * 4)));
    const ssize_t got = ::read(descriptor, data.data() + filled, data.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SysError(errno, "reading");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > limit)
      throw Error(Errc::invalid_input, fmt::format("the input is larger than {}", to_text(Bytes{limit})));
  }
  data.resize(filled);
  return data;
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const std::string shown = printable(path.native());
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Fd file = open_file(path, O_RDONLY | O_NONBLOCK);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw SysError(errno, fmt::format("reading '{}'", shown));
  if (!S_ISREG(info.st_mode)) throw Error(Errc::invalid_input, fmt::format("'{}' is not a regular file", shown));
  if (static_cast<std::size_t>(info.st_size) > limit) {
    throw Error(Errc::invalid_input, fmt::format("'{}' is larger than {}", shown, to_text(Bytes{limit})));
  }
  return during(fmt::format("reading '{}'", shown), [&] { return read_all(file.get(), limit); });
}

void write_all(int descriptor, std::string_view data) {
  while (!data.empty()) {
    const ssize_t put = ::write(descriptor, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw SysError(errno, "writing");
    data.remove_prefix(static_cast<std::size_t>(put));
  }
}

void write_file_atomic(const std::filesystem::path& path, std::string_view data, mode_t mode) {
  std::array<unsigned char, 8> salt{};
  fill_random(salt);
  const std::filesystem::path temporary = path.native() + "." + to_hex(salt);
  Undo undo(nullptr);
  {
    const Fd file = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    undo.add("remove temporary file", [&] { ::unlink(temporary.c_str()); });
    write_all(file.get(), data);
    if (::fsync(file.get()) != 0) throw SysError(errno, fmt::format("writing '{}'", printable(path.native())));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    throw SysError(errno, fmt::format("replacing '{}'", printable(path.native())));
  }
  undo.commit();
}

}  // namespace vmtool::util
