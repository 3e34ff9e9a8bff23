#pragma once
// The identity plan: from what the guest holds and what the user wants to a list of edits and a report. Pure: no disk,
// no clock, no source of chance but the one handed in.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "identity/facts.hpp"
#include "identity/host_keys.hpp"
#include "identity/options.hpp"
#include "identity/report.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

/// Values that nobody has used before.
struct Fresh {
  std::function<void(std::span<unsigned char>)> random;
  std::vector<HostKey> host_keys;
};

/// Which steps a run takes.
enum class Mode {
  renew,
  show,  ///< plan and report only: nothing is written, and what would be refused is reported
};

/// The plan while it grows; items see what earlier items have changed.
class Draft {
 public:
  Draft(const Facts& facts, const Options& options, const Fresh& fresh, Mode mode)
      : facts_(facts), options_(options), fresh_(fresh), mode_(mode) {}

  const Facts& facts() const noexcept { return facts_; }
  const Options& options() const noexcept { return options_; }
  const Fresh& fresh() const noexcept { return fresh_; }
  Report& report() noexcept { return report_; }

  /// The content of a file as it will be.
  std::string text(const Fact& file) const;
  /// Replaces the content of a file that exists.
  void write(const Fact& file, std::string content);
  /// Makes a file in a directory that exists.
  void create(const std::string& path, std::string content, const Ownership& owner);
  /// Makes `path` itself (whatever it is now) a symbolic link.
  void link(const std::string& path, const std::string& target);
  /// Removes `path` itself, not what it links to.
  void remove(const std::string& path);
  /// The guest must not be cloned so: throws the error, or (to show) reports it as the reason of the outcome.
  void refuse(Outcome outcome, const util::Error& error);
  void note(Outcome outcome) { report_.outcomes.push_back(std::move(outcome)); }
  /// The edits in the order in which they were first asked for.
  std::vector<Edit> edits() const;

 private:
  void put(Edit edit);

  const Facts& facts_;
  const Options& options_;
  const Fresh& fresh_;
  Mode mode_;
  Report report_;
  std::vector<std::string> order_;
  std::map<std::string, Edit> edits_;
};

struct Plan {
  std::vector<Edit> edits;
  Report report;
};

/// One kind of identity. `make` must report at least one outcome.
struct Item {
  std::string name;
  std::string what;  ///< for the documentation: "the id that systemd and D-Bus know the machine by"
  std::vector<Interest> interests;
  void (*make)(Draft&);
};

/// Every item, in the order in which they are renewed.
std::vector<Item> all_items();

/// What has to be read for a plan.
std::vector<Interest> interests_for(const Options& options);

/// To renew: throws Error{conflict} with the next step where the guest must not be cloned so: an address that would be shared, a
/// machine-id that can't be renewed or is the source's own.
Plan make_plan(const Facts& facts, const Options& options, const Fresh& fresh, Mode mode = Mode::renew);

}  // namespace vmtool::identity
