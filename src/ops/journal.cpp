#include "ops/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/random.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

constexpr std::string_view first_line = "vmtool journal 1";
constexpr std::size_t journal_limit = std::size_t{64} << 20;
constexpr std::string_view journal_suffix = ".journal";

std::filesystem::path folder_of(const std::filesystem::path& state_dir) { return state_dir / "journal"; }

bool lock(int descriptor) { return ::flock(descriptor, LOCK_EX | LOCK_NB) == 0; }

void sync_folder(const std::filesystem::path& folder) {
  const util::Fd directory = util::open_file(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(directory.get()) != 0) throw util::SysError(errno, fmt::format("writing '{}'", folder.native()));
}

std::string title(const Operation& operation) { return fmt::format("{} of '{}'", operation.name, operation.subject); }

Error taken(const std::filesystem::path& path, const Operation& operation) {
  const util::Fd other(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (other && !lock(other.get()))
    return Error(Errc::conflict, fmt::format("another vmtool is at work on the {}", title(operation)))
        .hint("wait until it is done");
  return Error(Errc::conflict, fmt::format("an earlier {} was interrupted", title(operation))).hint("vmtool recover");
}

}  // namespace

Journal::Journal(std::filesystem::path path, util::Fd file) : path_(std::move(path)), file_(std::move(file)) {}

Journal Journal::begin(const std::filesystem::path& state_dir, const Operation& operation) {
  const auto folder = folder_of(state_dir);
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw util::SysError(failed.value(), fmt::format("making '{}'", folder.native()));
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  const auto path = folder / fmt::format("{}-{}-{}{}", operation.name, operation.subject,
                                         util::sha256_hex(operation.uri).substr(0, 8), journal_suffix);
  // It gets its name when it is locked and whole, so that nobody takes it for one that was left behind.
  std::array<unsigned char, 8> salt{};
  util::fill_random(salt);
  const auto temporary = folder / ("." + util::to_hex(salt));
  Journal journal(path, util::open_file(temporary, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600));
  try {
    if (!lock(journal.file_.get())) throw util::SysError(errno, fmt::format("locking '{}'", temporary.native()));
    journal.write(fmt::format("{}\n{}\n", first_line,
                              join_words({"operation", operation.name, operation.subject, operation.uri})));
    if (::link(temporary.c_str(), path.c_str()) != 0) {
      if (errno == EEXIST) throw taken(path, operation);
      throw util::SysError(errno, fmt::format("making '{}'", path.native()));
    }
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  ::unlink(temporary.c_str());
  sync_folder(folder);
  return journal;
}

void Journal::write(const std::string& lines) {
  util::during(fmt::format("writing '{}'", path_.native()), [&] { util::write_all(file_.get(), lines); });
  if (::fdatasync(file_.get()) != 0) throw util::SysError(errno, fmt::format("writing '{}'", path_.native()));
}

std::size_t Journal::add(const std::vector<Record>& records) {
  const std::size_t first = next_;
  std::string lines;
  for (const Record& record : records) lines += fmt::format("{}\t{}\n", next_++, write_line(record));
  write(lines);
  return first;
}

void Journal::withdraw(std::size_t number) { write(fmt::format("-{}\n", number)); }

void Journal::set_goal(const std::vector<MadeDomain>& domains) {
  std::string lines;
  for (const MadeDomain& domain : domains) lines += join_words({"goal", domain.name, domain.uuid}) + "\n";
  write(lines);
}

void Journal::close() {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT)
    throw util::SysError(errno, fmt::format("removing '{}'", path_.native()));
}

std::optional<JournalText> read_journal(std::string_view text) {
  JournalText journal;
  std::map<std::uint64_t, Record> records;
  std::vector<std::string> lines = util::split(text, '\n');
  lines.pop_back();  // what stands after the last end of a line was never acted upon
  if (lines.size() < 2 || lines[0] != first_line) return std::nullopt;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> words = split_words(lines[i]);
    if (words[0] == "operation" && words.size() == 4) {
      journal.operation = {words[1], words[2], words[3]};
    } else if (words[0] == "goal" && words.size() == 3) {
      journal.goal.push_back({words[1], words[2]});
    } else if (lines[i].starts_with("-")) {
      if (const auto number = util::parse_decimal(std::string_view(lines[i]).substr(1))) records.erase(*number);
    } else {
      const std::size_t tab = lines[i].find('\t');
      const auto number = util::parse_decimal(std::string_view(lines[i]).substr(0, tab));
      if (!number || tab == std::string::npos) return std::nullopt;
      auto record = read_line(std::string_view(lines[i]).substr(tab + 1));
      if (!record) return std::nullopt;
      records.insert_or_assign(*number, std::move(*record));
    }
  }
  for (auto& entry : records) journal.records.push_back(std::move(entry.second));
  return journal;
}

FoundJournals find_journals(const std::filesystem::path& state_dir) {
  FoundJournals found;
  const auto folder = folder_of(state_dir);
  if (!std::filesystem::exists(folder)) return found;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().native();
    if (!name.starts_with(".") && name.ends_with(journal_suffix)) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    util::Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!file && errno == ENOENT) continue;  // its run has just ended
    if (!file) throw util::SysError(errno, fmt::format("opening '{}'", path.native()));
    const bool is_left = lock(file.get());
    auto text = read_journal(util::read_all(file.get(), journal_limit));
    if (!text)
      throw Error(Errc::invalid_input, fmt::format("'{}' is no journal of this version of vmtool", path.native()))
          .hint("look at it by hand");
    if (is_left) found.left.push_back({path, std::move(file), std::move(*text)});
    else found.running.push_back(title(text->operation));
  }
  return found;
}

}  // namespace vmtool::ops
