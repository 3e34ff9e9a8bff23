#pragma once
// All or nothing, also where the process is killed: each step is announced in a journal before it is begun.
//
//   Transaction transaction(connection, reporter, state_dir(), {"define", "web", connection.uri()});
//   transaction.step(MadeVolume{"default", "a.qcow2", path}, [&] { pool.create_volume(…); });
//   transaction.step(MadeDomain{"web", uuid}, [&] { connection.define_domain(xml); });
//   transaction.commit();

#include <filesystem>
#include <functional>
#include <mutex>
#include <vector>

#include "ops/journal.hpp"
#include "util/error.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// Called with "before …" and "after …" a step; what it throws makes the step fail. For tests and for Ctrl-C.
using Observer = std::function<void(const std::string& moment)>;

/// May be used from several threads at once.
class Transaction {
 public:
  /// Throws as Journal::begin.
  Transaction(const virt::Connection& connection, util::Reporter& reporter, const std::filesystem::path& state_dir,
              const Operation& operation, Observer observer = {});
  /// For what needs no libvirt: containers. The operation has no uri.
  Transaction(util::Reporter& reporter, const std::filesystem::path& state_dir, const Operation& operation,
              Observer observer = {});
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// Undoes the steps, last first, unless commit() was called. What can't be undone is a warning, and stays in the journal.
  ~Transaction();

  /// Announces what `f` will make, then runs it. Where `f` throws Error{conflict}, what it met is somebody else's and is
  /// not undone.
  template <class F>
  void step(const Record& record, F&& f) {
    steps({record}, std::forward<F>(f));
  }
  template <class F>
  void steps(const std::vector<Record>& records, F&& f) {
    const std::size_t first = announce(records);
    try {
      f();
    } catch (const util::Error& error) {
      if (error.kind() == util::Errc::conflict) withdraw(first, records.size());
      throw;
    }
    observe("after", records);
  }
  /// Announces at once, in one write, what several later steps will make. It is undone whether or not it was begun, so it must be what nobody
  /// else makes meanwhile.
  void announce_ahead(const std::vector<Record>& records) { announce(records); }
  /// A step that makes nothing that has to be undone.
  void check_point(const std::string& what) const;

  /// The operation counts as complete once these machines exist, even if commit() is not reached.
  void set_goal(const std::vector<MadeDomain>& domains);
  void commit();

 private:
  struct Step {
    std::size_t number;
    Record record;
  };
  std::size_t announce(const std::vector<Record>& records);
  void withdraw(std::size_t first, std::size_t count);
  void observe(const char* when, const std::vector<Record>& records) const;

  const virt::Connection* connection_;  // null: none is needed
  util::Reporter& reporter_;
  Observer observer_;
  std::mutex mutex_;
  Journal journal_;
  std::vector<Step> steps_;
  bool is_done_ = false;
};

/// Takes back one step; what is not there is no error. Throws Error{conflict} where what was made is in use by now.
void undo(const virt::Connection& connection, const Record& record);
/// The same for records of containers, without libvirt.
void undo_locally(const Record& record);

}  // namespace vmtool::ops
