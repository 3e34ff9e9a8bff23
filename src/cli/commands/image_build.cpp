#include <fmt/format.h>

#include "cli/disk_commands.hpp"
#include "cli/image_commands.hpp"
#include "cli/interrupt.hpp"
#include "images/build_container.hpp"
#include "images/debian_image.hpp"
#include "images/work_folder.hpp"
#include "model/check.hpp"
#include "ops/define.hpp"
#include "ops/execute.hpp"
#include "ops/image_users.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_key_file = 1 << 16;

struct ImageBuildOptions {
  std::string name;
  std::string pool = "default";
  std::string size = "4GiB";
  std::string ssh_key;
  std::string boot_files;
  std::vector<std::string> packages;
  bool container = false;
};

constexpr const char* busybox = "busybox";

// What belongs to a disk can't be asked of a container's root.
void refuse_disk_options(const ImageBuildOptions& options) {
  for (const auto& [given, name] : {std::pair{options.pool != "default", "--pool"},
                                    {options.size != "4GiB", "--size"},
                                    {!options.ssh_key.empty(), "--ssh-key"},
                                    {!options.boot_files.empty(), "--boot-files"},
                                    {options.name == busybox && !options.packages.empty(), "--package"}}) {
    if (given) throw util::Error(util::Errc::usage, fmt::format("{} is for images of machines", name));
  }
}

int build_for_containers(Session& session, const ImageBuildOptions& options) {
  refuse_disk_options(options);
  const images::Store store = ops::image_store();
  if (options.name == busybox) {
    session.say(describe_image("built", images::build_busybox(store, options.name, session.reporter())));
    return 0;
  }
  session.say("building; this takes a minute");
  session.say(
      describe_image("built", images::build_debian_root(store, options.name, options.packages, session.reporter())));
  return 0;
}

ops::Plan plan_import(Session& session, const model::Image& image) {
  const model::Manifest manifest{{{image, "the command line", 0, {}}}};
  return ops::plan_define(session.connection(), manifest, std::nullopt, session.reporter());
}

// Asked before the build: to be told of it minutes later would be a nuisance.
void refuse_existing(Session& session, const ImageBuildOptions& options) {
  const auto pool = session.connection().find_pool(options.pool);
  if (!pool || !pool->info().active || !pool->find_volume(options.name)) return;
  throw util::Error(util::Errc::conflict,
                    fmt::format("volume '{}' exists in pool '{}' already", options.name, options.pool))
      .hint(fmt::format("choose another name, or delete it first: vmtool disk delete {}", options.name));
}

images::DebianImage image_of(const ImageBuildOptions& options) {
  images::DebianImage image;
  image.host_name = options.name;
  image.size = parse_size("--size", options.size);
  image.packages = options.packages;
  if (!options.ssh_key.empty()) image.authorized_keys = util::read_file(options.ssh_key, largest_key_file);
  return image;
}

void keep_boot_files(const images::BuiltImage& built, const fs::path& folder) {
  fs::create_directories(folder);
  for (const auto& [from, name] : {std::pair{built.kernel, "vmlinuz"}, {built.initrd, "initrd.img"}}) {
    fs::copy_file(from, folder / name, fs::copy_options::overwrite_existing);
    fs::permissions(folder / name, static_cast<fs::perms>(0644));
  }
}

int build(Session& session, const ImageBuildOptions& options) {
  model::Image image;
  image.name = options.name;
  image.pool = options.pool;
  const images::DebianImage wanted = image_of(options);
  refuse_existing(session, options);
  const images::WorkFolder folder;
  image.source_file = folder.path() / "disk.qcow2";
  if (const auto findings = model::check(image); !findings.empty()) {
    throw util::Error(util::Errc::invalid_input, fmt::format("{}: {}", findings.front().path, findings.front().message))
        .hint(findings.front().hint);
  }
  const InterruptGuard interrupt;
  session.say("building; this takes a few minutes");
  const images::BuiltImage built = util::during(fmt::format("building image '{}'", options.name), [&] {
    try {
      return images::build_debian_image(wanted, folder.path());
    } catch (const util::Error&) {
      // A key press reaches the programs below too: what they say of it is not the cause.
      interrupt.check();
      throw;
    }
  });
  interrupt.check();
  ops::execute(plan_import(session, image), session.connection(), session.reporter(),
               [&](std::size_t) { interrupt.check(); });
  if (!options.boot_files.empty()) keep_boot_files(built, options.boot_files);
  session.say(fmt::format("built image '{}' in pool '{}'", options.name, options.pool));
  return 0;
}

}  // namespace

void add_image_build(Command& image) {
  Command command = image.subcommand(
      "build", "Build an image from the host's own packages: a bootable Debian disk, or a root for containers");
  const auto options = std::make_shared<ImageBuildOptions>();
  command.argument("NAME", options->name,
                   "The image, and the host name inside; 'busybox' is a root for containers with busybox alone");
  command.flag("--container", options->container,
               "A root for containers in the store of container images, instead of a disk");
  command.option("--pool", "POOL", options->pool, "The storage pool that gets it (default: default)");
  command.option("--size", "SIZE", options->size, "Of its disk (default: 4GiB)");
  command.repeatable("--package", "PACKAGE", options->packages, "A further Debian package; may be given several times");
  command.option("--ssh-key", "FILE", options->ssh_key, "Public keys that may log in as root by ssh");
  command.option("--boot-files", "DIR", options->boot_files, "Keep its kernel and initrd here, for direct kernel boot");
  command.on([options](Session& session) {
    const bool for_containers = options->container || options->name == busybox;
    return for_containers ? build_for_containers(session, *options) : build(session, *options);
  });
}

}  // namespace vmtool::cli
