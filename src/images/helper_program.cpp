#include "images/helper_program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "images/confinement.hpp"
#include "images/measure.hpp"
#include "images/unpack.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"

namespace vmtool::images {
namespace {

using util::Errc;
using util::Error;

constexpr std::uint64_t progress_step = std::uint64_t{4} << 20;
constexpr std::size_t longest_answer = 2000;

void say_line(const std::string& line) { util::write_all(STDOUT_FILENO, line + "\n"); }

void say_result(const char* key, const std::string& value) { say_line(fmt::format("result\t{}\t{}", key, value)); }

DecodedStream::Progress say_progress() {
  return [said = std::uint64_t{0}](std::uint64_t done) mutable {
    if (done - said < progress_step) return;
    said = done;
    say_line(fmt::format("progress\t{}", done));
  };
}

void say_measure(const TreeMeasure& measure) {
  say_result("tree", measure.digest);
  say_result("entries", std::to_string(measure.entries));
  say_result("bytes", std::to_string(measure.bytes));
}

TreeRules rules_for_layer(const Confined& place) {
  TreeRules rules;
  if (place.standing == Standing::root) return rules;
  rules.opaque_mark = "user.overlay.opaque";
  rules.makes_devices = false;
  rules.squashes_owners = place.owners == Owners::only_self;
  return rules;
}

void unpack_into(const Confined& place, int archive, const TreeRules& rules) {
  const UnpackResult done = unpack(archive, util::open_dir("/"), rules, {}, say_progress());
  say_result("diff", done.diff_id);
  say_result("devices", std::to_string(done.omissions.devices));
  say_result("owners", std::to_string(done.omissions.owners));
  say_result("xattrs", std::to_string(done.omissions.xattrs));
  if (rules.is_layer) say_measure(measure_tree(place.directory));
}

const char* word_of(ArchiveKind kind) {
  switch (kind) {
    case ArchiveKind::oci_layout: return "oci";
    case ArchiveKind::docker_archive: return "docker";
    case ArchiveKind::root: return "root";
  }
  return "root";
}

void run_action(const std::vector<std::string>& args) {
  if (args.size() < 2) throw Error(Errc::usage, "what shall be done where?");
  const std::string& action = args[0];
  if (action == "measure") return say_measure(measure_tree(confine_to(args[1]).directory));
  if (args.size() != 3) throw Error(Errc::usage, "the archive or the name is missing");
  if (action == "remove") return remove_below(confine_to(args[1]).directory.get(), args[2]);
  const util::Fd archive = util::open_file(args[2], O_RDONLY);
  load_decoders();
  const Confined place = confine_to(args[1]);
  if (action == "kind") return say_result("kind", word_of(kind_of_archive(archive.get(), {})));
  if (action == "unpack-layer") return unpack_into(place, archive.get(), rules_for_layer(place));
  if (action == "unpack-files")
    return unpack_into(place, archive.get(),
                       {.is_layer = false, .opaque_mark = "", .makes_devices = false, .squashes_owners = true});
  throw Error(Errc::usage, fmt::format("unknown action '{}'", util::printable(action)));
}

int say_error(const Error& error) noexcept {
  try {
    say_line(fmt::format("error\t{}\t{}\t{}", error.exit_code(), util::printable(error.message(), longest_answer),
                         util::printable(error.hint(), longest_answer)));
  } catch (const std::exception&) {
    return 1;  // nobody listens
  }
  return error.exit_code();
}

}  // namespace

int run_helper_program(const std::vector<std::string>& args) noexcept {
  try {
    run_action(args);
    return 0;
  } catch (const Error& error) {
    return say_error(error);
  } catch (const std::bad_alloc&) {
    return say_error(Error(Errc::invalid_input, "the archive needs more memory than there is for it"));
  } catch (const std::exception& error) {
    return say_error(Error(Errc::internal, error.what()));
  }
}

}  // namespace vmtool::images
