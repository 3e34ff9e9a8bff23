#include "storage/qemu_img.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "util/command.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::storage {
namespace {

constexpr int report_ms = 100;
constexpr std::size_t words_limit = 64 << 10;

std::uint64_t allocated(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
}

}  // namespace

void run_qemu_img(const std::vector<std::string>& args, int file, const std::string& name, util::Bytes total,
                  const Progress& progress) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw util::SysError(errno, "making a pipe");
  const util::Fd words(ends[0]);
  util::Fd child_end(ends[1]);
  util::Command command{.args = {"qemu-img"}};
  command.args.insert(command.args.end(), args.begin(), args.end());
  util::Child child = util::spawn(command, {.in = -1, .out = child_end.get(), .err = child_end.get()});
  child_end.reset();
  // It says nothing before its end; the file itself tells how far it is.
  for (pollfd end{words.get(), POLLIN, 0}; ::poll(&end, 1, report_ms) == 0;) {
    if (progress) progress(std::min(allocated(file), total.count), total.count);
  }
  const std::string said = util::read_all(words.get(), words_limit);
  if (child.wait() != 0)
    throw util::Error(util::Errc::io, fmt::format("making '{}': {}", name, util::printable(util::trim(said), 500)));
}

}  // namespace vmtool::storage
