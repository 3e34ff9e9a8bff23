#pragma once
// The intent record of an operation with several steps: STATE/journal/OPERATION-SUBJECT-HASH.journal, text, one line a
// record, on stable storage before the step that it announces, locked (flock(2)) while its process lives:
//
//   vmtool journal 1
//   operation<TAB>clone<TAB>web2<TAB>qemu:///system
//   goal<TAB>web2<TAB>UUID                          the operation is complete once these machines exist
//   0<TAB>volume<TAB>default<TAB>web2-root.qcow2<TAB>/var/lib/…
//   1<TAB>domain<TAB>web2<TAB>UUID
//   -0                                              the step of record 0 was found not to be ours to undo
//
// A last line without its end was never acted upon.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ops/journal_record.hpp"
#include "util/fd.hpp"

namespace vmtool::ops {

/// What the records of one operation belong to.
struct Operation {
  std::string name;     ///< "clone"
  std::string subject;  ///< the name of what is made; a second operation of that name on it is refused meanwhile
  std::string uri;      ///< of the connection; empty: the operation needs none
};

class Journal {
 public:
  /// Throws Error{conflict} where a run of the same name and subject goes on, or was killed and not recovered.
  static Journal begin(const std::filesystem::path& state_dir, const Operation& operation);

  Journal(Journal&&) = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal() = default;  // the file stays: only close() removes it

  /// Writes records down before their steps are begun; returns the number of the first. Throws SysError.
  std::size_t add(const std::vector<Record>& records);
  /// The step turned out not to be ours to undo.
  void withdraw(std::size_t number);
  /// What exists once the operation is complete.
  void set_goal(const std::vector<MadeDomain>& domains);
  /// Everything is done, or everything is undone: removes the file.
  void close();

 private:
  Journal(std::filesystem::path path, util::Fd file);
  void write(const std::string& lines);

  std::filesystem::path path_;
  util::Fd file_;
  std::size_t next_ = 0;
};

/// What a journal says.
struct JournalText {
  Operation operation;
  std::vector<MadeDomain> goal;
  std::vector<Record> records;  ///< not withdrawn, in their order
};
/// Absent where the text is no journal.
std::optional<JournalText> read_journal(std::string_view text);

/// A journal whose process is gone; this process now holds its lock.
struct LeftJournal {
  std::filesystem::path path;
  util::Fd file;
  JournalText text;
};
/// Journals in the state directory: those whose process is gone, and how many belong to running ones.
struct FoundJournals {
  std::vector<LeftJournal> left;
  std::vector<std::string> running;  ///< "clone of 'web2'"
};
FoundJournals find_journals(const std::filesystem::path& state_dir);

}  // namespace vmtool::ops
