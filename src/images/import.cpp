#include "images/import.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include <fmt/format.h>

#include "images/helper_client.hpp"
#include "images/layout.hpp"
#include "images/reference.hpp"
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

constexpr std::chrono::minutes longest_packing{30};

bool names_directory(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw util::SysError(errno, fmt::format("looking at '{}'", path.native()));
  return S_ISDIR(status.st_mode);
}

// "root.tar.xz" is "root".
std::string name_of_file(const fs::path& source) {
  std::string name = fs::absolute(source).lexically_normal().filename();
  if (name.empty()) name = fs::absolute(source).lexically_normal().parent_path().filename();
  const std::size_t tar = name.find(".tar");
  return tar == std::string::npos || tar == 0 ? name : name.substr(0, tar);
}

StoredImage add_from_layout(const Store& store, const fs::path& directory, LayoutKind kind,
                            const ImportRequest& request, util::Reporter& reporter) {
  NewImage image = open_layout(util::open_dir(directory), kind, request.reference);
  if (!request.name.empty()) image.name = request.name;
  if (image.name.empty()) image.name = name_of_file(request.source);
  return add_image(store, image, reporter);
}

std::string name_for_root(const ImportRequest& request) {
  if (!request.reference.empty())
    throw Error(Errc::usage, "--reference is for sources that hold several images")
        .hint("this one holds the files of a system; --name gives it a name");
  return request.name.empty() ? name_of_file(request.source) : request.name;
}

StoredImage import_archive(const Store& store, const ImportRequest& request, util::Reporter& reporter) {
  const util::FileLock held = store.hold();
  const TemporaryDirectory work(store.files());
  const std::string archive = fs::absolute(request.source);
  const std::string kind = ask_helper({"kind", work.path().native(), archive}).at("kind");
  if (kind == "root") {
    NewImage image{name_for_root(request), "", "", plain_document(), {}};
    image.layers.push_back({util::open_file(archive, O_RDONLY), {}, ""});
    return add_image(store, image, reporter);
  }
  const HelperProgress progress{reporter, fmt::format("reading '{}'", request.source.native()), fs::file_size(archive)};
  ask_helper({"unpack-files", work.path().native(), archive}, &progress);
  reporter.progress(progress.title, progress.total, progress.total);
  return add_from_layout(store, work.path(), kind == "oci" ? LayoutKind::oci : LayoutKind::docker, request, reporter);
}

}  // namespace

ConfigDocument plain_document() {
  ConfigDocument out;
  out.architecture = host_architecture();
  out.os = "linux";
  out.config.cmd = {"/bin/sh"};
  out.config.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  return out;
}

StoredImage add_directory(const Store& store, const fs::path& directory, const std::string& name,
                          const ConfigDocument& document, const std::vector<std::string>& tar_args,
                          util::Reporter& reporter) {
  static_cast<void>(normal_name(name));
  const util::FileLock held = store.hold();
  const TemporaryDirectory work(store.files());
  NewImage image{name, "", "", document, {}};
  image.layers.push_back({{}, work.path() / "root.tar", ""});
  // The same files make the same archive: sorted, and without the times at which they were looked at.
  util::Command pack{.args = {"tar", "--create", "--file", image.layers.front().own_file.native(), "--directory",
                              fs::absolute(directory).native(), "--format=pax",
                              "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime", "--sort=name",
                              "--numeric-owner", "--sparse", "--xattrs", "--xattrs-include=*", "--one-file-system"},
                     .time_limit = longest_packing};
  pack.args.insert(pack.args.end(), tar_args.begin(), tar_args.end());
  pack.args.emplace_back(".");
  util::during(fmt::format("packing '{}'", directory.native()), [&] { util::run_checked(pack); });
  return add_image(store, image, reporter);
}

StoredImage import_image(const Store& store, const ImportRequest& request, util::Reporter& reporter) {
  return util::during(fmt::format("importing '{}'", util::printable(request.source.native())), [&] {
    if (!request.name.empty()) static_cast<void>(normal_name(request.name));
    if (!names_directory(request.source)) return import_archive(store, request, reporter);
    const LayoutKind kind = layout_kind(util::open_dir(request.source));
    if (kind != LayoutKind::none) return add_from_layout(store, request.source, kind, request, reporter);
    return add_directory(store, request.source, name_for_root(request), plain_document(), {}, reporter);
  });
}

}  // namespace vmtool::images
