#include "ops/transaction.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace vmtool::ops {

Transaction::Transaction(const virt::Connection& connection, util::Reporter& reporter,
                         const std::filesystem::path& state_dir, const Operation& operation, Observer observer)
    : connection_(&connection),
      reporter_(reporter),
      observer_(std::move(observer)),
      journal_(Journal::begin(state_dir, operation)) {}

Transaction::Transaction(util::Reporter& reporter, const std::filesystem::path& state_dir, const Operation& operation,
                         Observer observer)
    : connection_(nullptr),
      reporter_(reporter),
      observer_(std::move(observer)),
      journal_(Journal::begin(state_dir, operation)) {}

Transaction::~Transaction() {
  if (is_done_) return;
  bool is_clean = true;
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    try {
      if (connection_ != nullptr) undo(*connection_, step->record);
      else undo_locally(step->record);
    } catch (const std::exception& error) {
      is_clean = false;
      reporter_.warn(fmt::format("could not undo: {}: {}", describe(step->record), error.what()));
    }
  }
  try {
    if (is_clean) journal_.close();
    else reporter_.warn("'vmtool recover' will try again");
  } catch (const std::exception& error) {
    reporter_.warn(error.what());
  }
}

void Transaction::check_point(const std::string& what) const {
  if (observer_) observer_(what);
}

void Transaction::observe(const char* when, const std::vector<Record>& records) const {
  if (observer_ && !records.empty()) observer_(fmt::format("{} {}", when, describe(records.front())));
}

std::size_t Transaction::announce(const std::vector<Record>& records) {
  std::size_t first = 0;
  {
    const std::lock_guard lock(mutex_);
    first = journal_.add(records);
    for (std::size_t i = 0; i < records.size(); ++i) steps_.push_back({first + i, records[i]});
  }
  observe("before", records);
  return first;
}

void Transaction::withdraw(std::size_t first, std::size_t count) {
  const std::lock_guard lock(mutex_);
  const auto is_withdrawn = [&](const Step& step) { return step.number >= first && step.number < first + count; };
  steps_.erase(std::remove_if(steps_.begin(), steps_.end(), is_withdrawn), steps_.end());
  for (std::size_t i = 0; i < count; ++i) journal_.withdraw(first + i);
}

void Transaction::set_goal(const std::vector<MadeDomain>& domains) {
  const std::lock_guard lock(mutex_);
  journal_.set_goal(domains);
}

void Transaction::commit() {
  const std::lock_guard lock(mutex_);
  is_done_ = true;
  journal_.close();
}

}  // namespace vmtool::ops
