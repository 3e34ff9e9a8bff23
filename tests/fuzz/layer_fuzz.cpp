// A hostile layer: whatever the archive holds, unpacking ends in order and touches nothing beside its directory.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "images/unpack.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace vmtool;

// A directory with one file beside the tree, both of which are looked at after each input.
std::string make_place() {
  std::string pattern = "/dev/shm/layer-fuzz-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  util::write_all(util::open_file(pattern + "/outside", O_WRONLY | O_CREAT | O_EXCL, 0600).get(), "untouched");
  // A file that claims to be larger is an error, not the end of the process.
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit largest_file{64 << 20, 64 << 20};
  ::setrlimit(RLIMIT_FSIZE, &largest_file);
  return pattern;
}

void unpack_into(const std::string& place, int archive, bool is_layer) {
  const images::TreeRules rules{
      .is_layer = is_layer, .opaque_mark = "trusted.overlay.opaque", .makes_devices = false, .squashes_owners = true};
  const images::UnpackBounds bounds{.entries = 200, .name_bytes = 1 << 16, .decoded_bytes = 1 << 20};
  try {
    images::unpack(archive, util::open_dir(place + "/tree"), rules, bounds, [](std::uint64_t) {});
  } catch (const util::Error&) {
    // Refused, which is what most inputs are for.
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string place = make_place();
  static const int archive = ::memfd_create("archive", MFD_CLOEXEC);
  if (::ftruncate(archive, 0) != 0 || ::pwrite(archive, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  const util::DirFd beside = util::open_dir(place);
  for (const bool is_layer : {true, false}) {
    ::lseek(archive, 0, SEEK_SET);
    ::mkdirat(beside.get(), "tree", 0755);
    unpack_into(place, archive, is_layer);
    images::remove_below(beside.get(), "tree");
  }
  if (util::read_file(place + "/outside", 100) != "untouched") std::abort();
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(place)) entries += entry.exists() ? 1 : 0;
  if (entries != 1) std::abort();
  return 0;
}
