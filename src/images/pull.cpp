#include "images/pull.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include <fmt/format.h>

#include "images/layout.hpp"
#include "images/reference.hpp"
#include "util/command.hpp"
#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr std::chrono::milliseconds progress_interval{100};
constexpr std::chrono::minutes longest_inspection{2};
constexpr std::string_view scheme = "docker://";
constexpr std::size_t longest_words = 1 << 16;

struct Remote {
  std::string repository;  ///< without tag and digest
  std::string reference;
  std::vector<std::string> options;
};

Remote parse_remote(const PullRequest& request) {
  Remote out;
  out.reference = request.reference.starts_with(scheme) ? request.reference.substr(scheme.size()) : request.reference;
  const std::size_t at = out.reference.find('@');
  if (at != std::string::npos) static_cast<void>(hex_of_digest(out.reference.substr(at + 1)));
  out.repository = out.reference.substr(0, at);
  static_cast<void>(normal_name(out.repository));
  const std::size_t colon = out.repository.rfind(':');
  // A colon before the last slash belongs to a port.
  if (colon != std::string::npos && out.repository.find('/', colon) == std::string::npos) out.repository.erase(colon);
  return out;
}

std::string name_for(const PullRequest& request, const Remote& remote) {
  if (!request.name.empty()) return normal_name(request.name);
  return normal_name(remote.reference.substr(0, remote.reference.find('@')));
}

// skopeo's last line is `time=… level=fatal msg="…"`.
Error said_by_skopeo(const std::string& words) {
  const auto lines = util::split(util::trim(words), '\n');
  std::string last = lines.empty() ? "" : lines.back();
  if (const std::size_t from = last.find("msg="); from != std::string::npos) last.erase(0, from + 4);
  return {Errc::io, "skopeo: " + util::printable(last, 600)};
}

void require_skopeo() {
  if (util::run({.args = {"sh", "-c", "command -v skopeo"}}).exit_code == 0) return;
  throw Error(Errc::unavailable, "pulling an image needs the program 'skopeo'")
      .hint("apt install skopeo; without a registry, see 'vmtool image import' and 'vmtool image build'");
}

std::string inspect(const std::string& reference, const PullRequest& request) {
  util::Command command{
      .args = {"skopeo", "inspect", "--raw"}, .time_limit = longest_inspection, .output_limit = largest_document + 1};
  if (request.transport == Transport::plain) command.args.emplace_back("--tls-verify=false");
  command.args.push_back(fmt::format("{}{}", scheme, reference));
  const util::Result result = util::run(command);
  if (result.exit_code != 0) throw said_by_skopeo(result.err);
  if (result.out.size() > largest_document) throw Error(Errc::invalid_input, "the manifest of the image is too large");
  return result.out;
}

// Of an image for several architectures, the manifest for this one.
std::string inspect_for_this_host(const Remote& remote, const PullRequest& request) {
  const std::string text = inspect(remote.reference, request);
  if (!is_index_type(media_type_of(text))) return text;
  const std::string digest = for_this_host(parse_index(text)).digest;
  std::string inner = inspect(fmt::format("{}@{}", remote.repository, digest), request);
  if ("sha256:" + util::sha256_hex(inner) != digest)
    throw Error(Errc::invalid_input, fmt::format("the manifest of the image has another digest than {}", digest));
  return inner;
}

std::uint64_t bytes_in(const fs::path& directory) {
  std::uint64_t out = 0;
  std::error_code gone;
  for (const auto& entry : fs::recursive_directory_iterator(directory, gone)) {
    struct stat status {};
    if (::lstat(entry.path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
      out += static_cast<std::uint64_t>(status.st_size);
  }
  return out;
}

std::vector<Descriptor> blobs_of(const Manifest& manifest) {
  std::vector<Descriptor> out = manifest.layers;
  out.push_back(manifest.config);
  return out;
}

// Where skopeo finds a blob, it does not fetch it.
void lend_blobs(const StoreFiles& files, const Manifest& manifest, const fs::path& layout) {
  fs::create_directories(layout / "blobs" / "sha256");
  for (const Descriptor& blob : blobs_of(manifest)) {
    if (::link(files.blob(blob.digest).c_str(), (layout / "blobs" / "sha256" / hex_of_digest(blob.digest)).c_str()) !=
            0 &&
        errno != EEXIST && errno != ENOENT) {
      throw util::SysError(errno, "lending a blob of the store");
    }
  }
}

void copy_to(const fs::path& layout, const std::string& source, const PullRequest& request, std::uint64_t total,
             util::Reporter& reporter) {
  const fs::path words = layout / "skopeo.log";
  const util::Fd log = util::open_file(words, O_RDWR | O_CREAT | O_TRUNC, 0600);
  util::Command command{.args = {"skopeo", "copy", "--quiet"}};
  if (request.transport == Transport::plain) command.args.emplace_back("--src-tls-verify=false");
  command.args.insert(command.args.end(), {source, fmt::format("oci:{}:image", layout.native())});
  util::Child skopeo = util::spawn(command, {-1, -1, log.get()});
  const std::string title = fmt::format("pulling '{}'", request.reference);
  std::optional<int> code;
  while (!(code = skopeo.poll())) {
    std::this_thread::sleep_for(progress_interval);
    reporter.progress(title, std::min(bytes_in(layout / "blobs"), total), total + 1);
  }
  if (*code != 0) throw said_by_skopeo(util::read_file(words, longest_words));
  reporter.progress(title, total + 1, total + 1);
}

NewImage open_pulled(const fs::path& layout, const std::string& name, const std::string& text,
                     const Manifest& manifest) {
  NewImage out{name, text, "", {}, {}};
  const auto blob = [&](const std::string& digest) { return layout / "blobs" / "sha256" / hex_of_digest(digest); };
  out.config = util::read_file(blob(manifest.config.digest), largest_document);
  for (const Descriptor& layer : manifest.layers) out.layers.push_back({{}, blob(layer.digest), layer.digest});
  return out;
}

// What does not verify must not be found by the next pull.
StoredImage add_pulled(const Store& store, const NewImage& image, const fs::path& layout, util::Reporter& reporter) {
  try {
    StoredImage out = add_image(store, image, reporter);
    fs::remove_all(layout);
    return out;
  } catch (const Error& error) {
    if (error.kind() == Errc::invalid_input) fs::remove_all(layout);
    throw;
  }
}

}  // namespace

StoredImage pull_image(const Store& store, const PullRequest& request, util::Reporter& reporter) {
  return util::during(fmt::format("pulling '{}'", util::printable(request.reference)), [&] {
    const Remote remote = parse_remote(request);
    const std::string name = name_for(request, remote);
    require_skopeo();
    const std::string text = inspect_for_this_host(remote, request);
    const Manifest manifest = parse_manifest(text);
    const std::string digest = "sha256:" + util::sha256_hex(text);

    const util::FileLock held = store.hold();
    const StoreFiles& files = store.files();
    const std::string hex = util::sha256_hex(remote.repository + digest);
    const util::FileLock one_at_a_time(files.lock("pull-" + hex), util::FileLock::Kind::exclusive);
    const fs::path layout = files.pulls() / hex;
    lend_blobs(files, manifest, layout);
    std::uint64_t total = 0;
    for (const Descriptor& blob : blobs_of(manifest)) total += blob.size;
    copy_to(layout, fmt::format("{}{}@{}", scheme, remote.repository, digest), request, total, reporter);
    return add_pulled(store, open_pulled(layout, name, text, manifest), layout, reporter);
  });
}

}  // namespace vmtool::images
