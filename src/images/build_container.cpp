#include "images/build_container.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include <fmt/format.h>

#include "images/add_image.hpp"
#include "images/debian_host.hpp"
#include "images/import.hpp"
#include "images/temporary_directory.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr const char* busybox_program = "/bin/busybox";
constexpr std::size_t largest_busybox = std::size_t{64} << 20;
constexpr std::chrono::minutes longest_build{30};

std::string rfc3339(std::time_t time) {
  std::array<char, 32> out{};
  tm parts{};
  ::gmtime_r(&time, &parts);
  return {out.data(), std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void make_directory(const fs::path& path, unsigned mode) {
  fs::create_directories(path);
  fs::permissions(path, static_cast<fs::perms>(mode));
}

void write_with_mode(const fs::path& path, std::string_view text, unsigned mode) {
  util::write_all(util::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600).get(), text);
  fs::permissions(path, static_cast<fs::perms>(mode));
}

std::string read_busybox() {
  if (!fs::exists(busybox_program))
    throw Error(Errc::unavailable, fmt::format("there is no '{}'", busybox_program)).hint("apt install busybox-static");
  std::string program = util::read_file(busybox_program, largest_busybox);
  if (!program.starts_with("\177ELF") || program.find("/ld-linux") != std::string::npos) {
    throw Error(Errc::unavailable, fmt::format("'{}' is not static", busybox_program))
        .hint("a root of nothing else has no libraries for it: apt install busybox-static");
  }
  return program;
}

void make_busybox_root(const fs::path& root) {
  for (const char* name : {"", "bin", "dev", "etc", "home", "mnt", "opt", "proc", "run", "sbin", "srv", "sys", "usr",
                           "usr/bin", "usr/sbin", "var", "var/log", "var/spool"})
    make_directory(root / name, 0755);
  make_directory(root / "root", 0700);
  make_directory(root / "tmp", 01777);
  write_with_mode(root / "bin/busybox", read_busybox(), 0755);
  for (const std::string& path :
       util::split(util::trim(util::run_checked({.args = {busybox_program, "--list-full"}}).out), '\n')) {
    const fs::path link = root / fs::path(path).relative_path();
    if (path.empty() || fs::exists(fs::symlink_status(link)) || !fs::exists(link.parent_path())) continue;
    fs::create_symlink("/bin/busybox", link);
  }
  write_with_mode(root / "etc/passwd",
                  "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n", 0644);
  write_with_mode(root / "etc/group", "root:x:0:\nnogroup:x:65534:\n", 0644);
}

// As root it mounts /proc and its like inside of the tree: the host shall see none of it.
std::vector<std::string> apart() {
  return ::geteuid() == 0 ? std::vector<std::string>{"unshare", "--mount"} : std::vector<std::string>{};
}

}  // namespace

StoredImage build_busybox(const Store& store, const std::string& name, util::Reporter& reporter) {
  const util::FileLock held = store.hold();
  const TemporaryDirectory work(store.files());
  make_busybox_root(work.path() / "root");
  struct stat status {};
  if (::stat(busybox_program, &status) != 0)
    throw util::SysError(errno, fmt::format("looking at '{}'", busybox_program));
  ConfigDocument document = plain_document();
  document.created = rfc3339(status.st_mtime);
  return add_directory(store, work.path() / "root", name, document,
                       {"--owner=0", "--group=0", fmt::format("--mtime=@{}", status.st_mtime)}, reporter);
}

StoredImage build_debian_root(const Store& store, const std::string& name, const std::vector<std::string>& packages,
                              util::Reporter& reporter) {
  require_package_names(packages);
  require_programs({"mmdebstrap"}, "mmdebstrap");
  const util::FileLock held = store.hold();
  const TemporaryDirectory work(store.files());
  const fs::path archive = work.path() / "root.tar";
  util::Command build{.args = apart(), .env = {wide_path()}, .time_limit = longest_build};
  build.args.insert(build.args.end(),
                    {"mmdebstrap", "--variant=minbase", "--aptopt=APT::Install-Recommends \"false\""});
  if (!packages.empty()) build.args.push_back("--include=" + util::join(packages, ","));
  build.args.insert(build.args.end(), {debian_suite_of_host(), archive.native()});
  for (const std::string& file : debian_sources_of_host()) build.args.push_back(file);
  const util::Result result = util::run(build);
  if (result.exit_code != 0)
    throw Error(Errc::io, fmt::format("mmdebstrap failed:\n  {}", last_lines(result.err)))
        .hint("see whether 'apt-get update' works on this host");
  NewImage image{name, "", "", plain_document(), {}};
  image.document.config.cmd = {"/bin/bash"};
  image.document.created = rfc3339(std::time(nullptr));
  image.layers.push_back({{}, archive, ""});
  return add_image(store, image, reporter);
}

}  // namespace vmtool::images
