#include "isolation/seccomp.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "isolation/capability.hpp"
#include "isolation/ready_filter.hpp"
#include "isolation/seccomp_default.hpp"
#include "isolation/seccomp_profile.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"

namespace vmtool::isolation {
namespace {

/// Capabilities that the default profile looks at; the others make no difference to it.
constexpr std::uint64_t relevant =
    capability_bit(CAP_SYS_ADMIN) | capability_bit(CAP_BPF) | capability_bit(CAP_PERFMON) |
    capability_bit(CAP_DAC_READ_SEARCH) | capability_bit(CAP_SYS_PTRACE) | capability_bit(CAP_SYS_MODULE) |
    capability_bit(CAP_SYS_RAWIO) | capability_bit(CAP_SYS_TIME) | capability_bit(CAP_SYS_BOOT) |
    capability_bit(CAP_SYS_PACCT) | capability_bit(CAP_SYS_TTY_CONFIG) | capability_bit(CAP_SYSLOG) |
    capability_bit(CAP_SYS_NICE);

constexpr std::size_t largest_program = 4096;  // BPF_MAXINSNS

/// A cached program, if it is there and nobody but us could have written it.
std::optional<FilterProgram> find_cached(int directory, const std::string& name) {
  const util::Fd file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return std::nullopt;
  struct stat about {};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) || about.st_uid != ::geteuid()) return std::nullopt;
  if ((about.st_mode & 022) != 0 || about.st_size == 0 || about.st_size % 8 != 0) return std::nullopt;
  FilterProgram program(static_cast<std::size_t>(about.st_size) / 8);
  if (program.size() > largest_program) return std::nullopt;
  if (::read(file.get(), program.data(), program.size() * 8) != about.st_size) return std::nullopt;
  return program;
}

void keep(int directory, const std::string& name, const FilterProgram& program) {
  const std::string temporary = fmt::format("{}.{}", name, ::getpid());
  const util::Fd file(
      ::openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return;  // a cache that can't be written only costs time
  const auto size = program.size() * 8;
  const bool whole = ::write(file.get(), program.data(), size) == static_cast<ssize_t>(size);
  if (!whole || ::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0) {
    ::unlinkat(directory, temporary.c_str(), 0);
  }
}

util::Fd open_cache(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return {};
  util::Fd directory(::open(path.c_str(), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat about {};
  if (!directory || ::fstat(directory.get(), &about) != 0) return {};
  if (about.st_uid != ::geteuid() || (about.st_mode & 077) != 0) {
    throw util::Error(util::Errc::denied,
                      fmt::format("the seccomp cache '{}' belongs to somebody else or is open to others", path))
        .hint("remove it");
  }
  return directory;
}

template <class Compile>
FilterProgram cached(const std::string& key, const std::string& cache_directory, Compile compile) {
  const util::Fd directory = open_cache(cache_directory);
  const std::string name = util::sha256_hex(key) + ".bpf";
  if (directory) {
    if (auto found = find_cached(directory.get(), name)) return *std::move(found);
  }
  FilterProgram program = compile();
  if (directory) keep(directory.get(), name, program);
  return program;
}

}  // namespace

FilterProgram default_filter(std::uint64_t capabilities, const std::string& cache_directory) {
  const std::uint64_t key = capabilities & relevant;
  if (key == 0) return ready_filter();
  return cached(fmt::format("default {} {:x} {}", ready_filter_digest(), key, library_identity()), cache_directory,
                [&] {
                  try {
                    return compile_default_filter(key);
                  } catch (const std::runtime_error& error) {
                    throw util::Error(util::Errc::internal,
                                      fmt::format("the default seccomp filter can't be compiled: {}", error.what()));
                  }
                });
}

FilterProgram profile_filter(const SeccompProfile& profile, const std::string& cache_directory) {
  return cached(fmt::format("profile {} {}", library_identity(), profile.identity), cache_directory,
                [&] { return compile_profile(profile); });
}

}  // namespace vmtool::isolation
