#include "ops/container_home.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "manifest/read.hpp"
#include "model/check.hpp"
#include "ops/state_dir.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

constexpr std::size_t bundle_file_limit = std::size_t{16} << 20;
constexpr std::chrono::seconds lock_patience{10};
constexpr std::chrono::milliseconds lock_interval{5};

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat held {};
  struct stat there {};
  return ::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
         held.st_ino == there.st_ino;
}

}  // namespace

ContainerHome::ContainerHome() : bundles_(state_dir() / "containers"), run_(run_dir()) {}

bool ContainerHome::has(const std::string& name) const {
  if (model::fault_of_name(name)) return false;
  struct stat about {};
  return ::lstat((bundles_ / name).c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

std::vector<std::string> ContainerHome::names() const {
  std::vector<std::string> out;
  std::error_code failed;
  std::filesystem::directory_iterator entries(bundles_, failed);
  if (failed.value() == ENOENT) return out;
  if (failed) throw util::SysError(failed.value(), fmt::format("reading '{}'", bundles_.native()));
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename();
    if (!model::fault_of_name(name)) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string ContainerHome::config_text(const std::string& name) const {
  if (!has(name)) throw_no_container(*this, name);
  return util::read_file(paths(name).config(), bundle_file_limit);
}

bundle::Summary ContainerHome::summary(const std::string& name) const {
  const std::string text = config_text(name);
  return util::during(fmt::format("reading container '{}'", name), [&] { return bundle::read_summary(text); });
}

model::Container ContainerHome::definition(const std::string& name) const {
  if (!has(name)) throw_no_container(*this, name);
  const auto file = paths(name).manifest();
  const manifest::Source source{file, util::read_file(file, bundle_file_limit)};
  manifest::ReadResult result = manifest::read({&source, 1}, {});
  if (!result.diagnostics.empty()) throw manifest::to_error(result.diagnostics);
  auto& documents = result.manifest.documents;
  auto* container = documents.empty() ? nullptr : std::get_if<model::Container>(&documents.front().object);
  if (container == nullptr) throw Error(Errc::invalid_input, fmt::format("'{}' describes no container", file.native()));
  return std::move(*container);
}

util::Fd ContainerHome::lock(const std::string& name) const {
  if (!has(name)) throw_no_container(*this, name);
  const auto path = paths(name).bundle;
  util::Fd held(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!held && errno == ENOENT) throw_no_container(*this, name);
  if (!held) throw util::SysError(errno, fmt::format("opening '{}'", path.native()));
  const auto end = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw util::SysError(errno, fmt::format("locking '{}'", path.native()));
    if (std::chrono::steady_clock::now() > end) {
      throw Error(Errc::conflict, fmt::format("another vmtool is at work on container '{}'", name))
          .hint("wait until it is done");
    }
    std::this_thread::sleep_for(lock_interval);
  }
  // It may have been renamed or deleted while we waited.
  if (!is_same_file(held.get(), path)) throw_no_container(*this, name);
  return held;
}

void throw_no_container(const ContainerHome& home, const std::string& name) {
  const std::vector<std::string> names = home.names();
  const auto near = util::nearest(name, names);
  throw Error(Errc::not_found, fmt::format("there is no container '{}'", util::printable(name)))
      .hint(near ? fmt::format("did you mean '{}'?", *near) : "");
}

}  // namespace vmtool::ops
