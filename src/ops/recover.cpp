#include "ops/recover.hpp"

#include <unistd.h>

#include <algorithm>

#include "ops/transaction.hpp"

namespace vmtool::ops {
namespace {

bool is_complete(const virt::Connection& connection, const std::vector<MadeDomain>& goal) {
  return !goal.empty() && std::all_of(goal.begin(), goal.end(), [&](const MadeDomain& wanted) {
    const auto domain = connection.find_domain(wanted.name);
    return domain && domain->uuid() == wanted.uuid;
  });
}

// A step of containers alone needs no connection, which then is null.
void undo_all(const virt::Connection* connection, const LeftJournal& journal, Recover how, Recovery& recovery) {
  for (auto record = journal.text.records.rbegin(); record != journal.text.records.rend(); ++record) {
    try {
      if (how == Recover::act && connection == nullptr) undo_locally(*record);
      else if (how == Recover::act) undo(*connection, *record);
      recovery.undone.push_back(describe(*record));
    } catch (const std::exception& error) {
      recovery.end = RecoveryEnd::failed;
      recovery.problem += (recovery.problem.empty() ? "" : "; ") + describe(*record) + ": " + error.what();
    }
  }
}

Recovery recover_one(const LeftJournal& journal, const std::function<virt::Connection(const std::string&)>& connect,
                     Recover how) {
  Recovery recovery{journal.text.operation.name, journal.text.operation.subject, RecoveryEnd::undone, {}, {}};
  try {
    if (journal.text.operation.uri.empty()) {
      undo_all(nullptr, journal, how, recovery);
    } else {
      const virt::Connection connection = connect(journal.text.operation.uri);
      if (is_complete(connection, journal.text.goal)) recovery.end = RecoveryEnd::finished;
      else undo_all(&connection, journal, how, recovery);
    }
  } catch (const std::exception& error) {
    recovery.end = RecoveryEnd::failed;
    recovery.problem = error.what();
  }
  if (how == Recover::act && recovery.end != RecoveryEnd::failed) ::unlink(journal.path.c_str());
  return recovery;
}

}  // namespace

const char* to_text(RecoveryEnd end) noexcept {
  switch (end) {
    case RecoveryEnd::finished: return "finished";
    case RecoveryEnd::undone: return "undone";
    case RecoveryEnd::failed: return "failed";
    case RecoveryEnd::running: return "running";
  }
  return "";
}

std::vector<Recovery> recover(const std::filesystem::path& state_dir,
                              const std::function<virt::Connection(const std::string&)>& connect, Recover how) {
  const FoundJournals found = find_journals(state_dir);
  std::vector<Recovery> recoveries;
  for (const LeftJournal& journal : found.left) recoveries.push_back(recover_one(journal, connect, how));
  for (const std::string& running : found.running) recoveries.push_back({running, "", RecoveryEnd::running, {}, {}});
  return recoveries;
}

}  // namespace vmtool::ops
