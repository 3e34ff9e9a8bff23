#include "identity/undo_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>

#include "identity/block_device.hpp"
#include "identity/wire.hpp"
#include "util/digest.hpp"
#include "util/file.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view end_mark = "END.";
constexpr std::size_t record_head = 4 + 8 + 4;
constexpr std::size_t largest_undo = std::size_t{512} << 20;

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

BlockDevice& device_of(std::size_t disk, const std::vector<BlockDevice*>& devices) {
  if (disk >= devices.size()) throw Error(Errc::internal, "the undo file names a disk that there is not");
  return *devices[disk];
}

std::vector<unsigned char> take_bytes(std::string_view& text, std::size_t length) {
  if (length > text.size()) throw Error(Errc::internal, "the undo file is damaged");
  std::vector<unsigned char> bytes(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
  text.remove_prefix(length);
  return bytes;
}

// A write that was cut short ends between two sectors.
bool is_untouched(const UndoRun& run, const std::vector<unsigned char>& now) {
  for (std::size_t at = 0; at < now.size(); at += sector_size) {
    const auto length = static_cast<std::ptrdiff_t>(std::min(sector_size, now.size() - at));
    const auto start = static_cast<std::ptrdiff_t>(at);
    const auto same = [&](const std::vector<unsigned char>& known) {
      return std::equal(known.begin() + start, known.begin() + start + length, now.begin() + start);
    };
    if (!same(run.old_bytes) && !same(run.new_bytes)) return false;
  }
  return true;
}

}  // namespace

std::string undo_header(const std::vector<Disk>& disks) {
  return to_json(Job{Job::Action::restore, {{.disks = disks}, {}, {}}}).dump() + "\n";
}

void write_undo(int file, const std::string& header, const std::vector<BlockDevice*>& devices,
                const std::vector<DiskRun>& runs) {
  std::string text = header;
  for (const DiskRun& run : runs) {
    std::vector<unsigned char> old(run.bytes.size());
    device_of(run.disk, devices).read(run.offset, old);
    put_number(text, run.disk, 4);
    put_number(text, run.offset, 8);
    put_number(text, old.size(), 4);
    text.append(old.begin(), old.end());
    text.append(run.bytes.begin(), run.bytes.end());
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
  if (!signed_part.ends_with(end_mark) || std::string_view(all).substr(signed_part.size()) != digest_of(signed_part))
    return std::nullopt;
  UndoFile undo{.disks = job_from(parse(all.substr(0, line))).request.target.disks, .runs = {}};
  std::string_view rest = signed_part.substr(line + 1, signed_part.size() - line - 1 - end_mark.size());
  while (rest.size() >= record_head) {
    UndoRun run;
    run.disk = static_cast<std::size_t>(take_number(rest, 4));
    run.offset = take_number(rest, 8);
    const auto length = static_cast<std::size_t>(take_number(rest, 4));
    run.old_bytes = take_bytes(rest, length);
    run.new_bytes = take_bytes(rest, length);
    undo.runs.push_back(std::move(run));
  }
  return undo;
}

void apply_undo(const std::vector<UndoRun>& runs, const std::vector<BlockDevice*>& devices) {
  for (const UndoRun& run : runs) {
    std::vector<unsigned char> now(run.old_bytes.size());
    device_of(run.disk, devices).read(run.offset, now);
    if (is_untouched(run, now)) continue;
    throw Error(Errc::conflict, fmt::format("disk {} was written to since, and can't be brought back", run.disk + 1))
        .hint("the machine was started meanwhile: 'vmtool identity show' tells what it has now");
  }
  std::set<BlockDevice*> touched;
  for (const UndoRun& run : runs) {
    BlockDevice& device = device_of(run.disk, devices);
    device.write(run.offset, run.old_bytes);
    touched.insert(&device);
  }
  for (BlockDevice* device : touched) device->flush();
}

}  // namespace vmtool::identity
