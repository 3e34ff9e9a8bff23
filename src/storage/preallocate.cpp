#include "storage/preallocate.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "storage/pending_file.hpp"
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

void make_full_qcow2(const std::filesystem::path& path, util::Bytes capacity, const Qcow2Layout& layout,
                     const Progress& progress) {
  PendingFile pending(std::filesystem::absolute(path));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw util::SysError(errno, "making a pipe");
  const util::Fd words(ends[0]);
  util::Fd child_end(ends[1]);
  const std::string options = fmt::format("preallocation=full,compat=1.1,cluster_size={},lazy_refcounts={}",
                                          layout.cluster_size.count, layout.lazy_refcounts ? "on" : "off");
  util::Child child = util::spawn({.args = {"qemu-img", "create", "-q", "-f", "qcow2", "-o", options, "file:" + pending.path().native(),
                                            std::to_string(capacity.count)}},
                                  {.in = -1, .out = child_end.get(), .err = child_end.get()});
  child_end.reset();
  // It says nothing before its end; the file itself tells how far it is.
  for (pollfd end{words.get(), POLLIN, 0}; ::poll(&end, 1, report_ms) == 0;) {
    if (progress) progress(std::min(allocated(pending.descriptor()), capacity.count), capacity.count);
  }
  const std::string said = util::read_all(words.get(), words_limit);
  if (child.wait() != 0) {
    throw util::Error(util::Errc::io, fmt::format("making '{}': {}", path.native(), util::printable(util::trim(said), 500)));
  }
  pending.commit();
  if (progress) progress(capacity.count, capacity.count);
}

}  // namespace vmtool::storage
