#include "identity/undo_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <set>

#include <fmt/format.h>

#include "identity/wire.hpp"
#include "util/digest.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view end_mark = "END.";
constexpr std::size_t record_head = 4 + 8 + 4;
constexpr std::size_t largest_undo = std::size_t{128} << 20;

void put_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t take_number(std::string_view& text, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[i]);
  text.remove_prefix(bytes);
  return value;
}

std::string digest_of(std::string_view text) {
  const util::Digest digest = util::sha256(text);
  return {digest.begin(), digest.end()};
}

BlockDevice& device_of(const DiskRun& run, const std::vector<BlockDevice*>& devices) {
  if (run.disk >= devices.size()) throw Error(Errc::internal, "the undo file names a disk that there is not");
  return *devices[run.disk];
}

}  // namespace

std::string undo_header(const std::vector<Disk>& disks) {
  return to_json(Job{Job::Action::restore, {{.disks = disks}, {}, {}}}).dump() + "\n";
}

void write_undo(int file, const std::string& header, const std::vector<BlockDevice*>& devices, const std::vector<DiskRun>& runs) {
  std::string text = header;
  for (const DiskRun& run : runs) {
    std::vector<unsigned char> old(run.bytes.size());
    device_of(run, devices).read(run.offset, old);
    put_number(text, run.disk, 4);
    put_number(text, run.offset, 8);
    put_number(text, old.size(), 4);
    text.append(old.begin(), old.end());
  }
  text += end_mark;
  text += digest_of(text);
  util::write_all(file, std::string_view(text).substr(header.size()));
  if (::fsync(file) != 0) throw util::SysError(errno, "writing the undo file");
}

std::optional<UndoFile> read_undo(int file) {
  const std::string all = util::read_all(file, largest_undo);
  constexpr std::size_t tail = end_mark.size() + std::tuple_size_v<util::Digest>;
  const std::size_t line = all.find('\n');
  if (line == std::string::npos || all.size() < line + 1 + tail) return std::nullopt;
  const std::string_view signed_part = std::string_view(all).substr(0, all.size() - std::tuple_size_v<util::Digest>);
  if (!signed_part.ends_with(end_mark) || std::string_view(all).substr(signed_part.size()) != digest_of(signed_part)) return std::nullopt;
  UndoFile undo{.disks = job_from(parse(all.substr(0, line))).request.target.disks, .runs = {}};
  std::string_view rest = signed_part.substr(line + 1, signed_part.size() - line - 1 - end_mark.size());
  while (rest.size() >= record_head) {
    DiskRun run;
    run.disk = static_cast<std::size_t>(take_number(rest, 4));
    run.offset = take_number(rest, 8);
    const auto length = static_cast<std::size_t>(take_number(rest, 4));
    if (length > rest.size()) throw Error(Errc::internal, "the undo file is damaged");
    run.bytes.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
    rest.remove_prefix(length);
    undo.runs.push_back(std::move(run));
  }
  return undo;
}

void apply_undo(const std::vector<DiskRun>& runs, const std::vector<BlockDevice*>& devices) {
  std::set<BlockDevice*> touched;
  for (const DiskRun& run : runs) {
    BlockDevice& device = device_of(run, devices);
    device.write(run.offset, run.bytes);
    touched.insert(&device);
  }
  for (BlockDevice* device : touched) device->flush();
}

}  // namespace vmtool::identity
