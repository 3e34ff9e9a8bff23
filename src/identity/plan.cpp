#include "identity/plan.hpp"

#include <algorithm>

#include "identity/items.hpp"
#include "identity/not_handled.hpp"

namespace vmtool::identity {

std::string Draft::text(const Fact& file) const {
  const auto edited = edits_.find(file.real_path);
  return edited == edits_.end() ? file.content : edited->second.content;
}

void Draft::put(Edit edit) {
  const std::string path = edit.path;
  if (edits_.insert_or_assign(path, std::move(edit)).second) order_.push_back(path);
}

void Draft::write(const Fact& file, std::string content) {
  put({Edit::Action::write, file.real_path, std::move(content), file.owner});
}

void Draft::create(const std::string& path, std::string content, const Ownership& owner) {
  put({Edit::Action::write, path, std::move(content), owner});
}

void Draft::link(const std::string& path, const std::string& target) { put({Edit::Action::symlink, path, target, {}}); }

void Draft::remove(const std::string& path) { put({Edit::Action::remove, path, {}, {}}); }

void Draft::refuse(Outcome outcome, const util::Error& error) {
  if (mode_ == Mode::renew) throw util::Error(error);
  outcome.status = Status::not_possible;
  outcome.new_value.clear();
  outcome.reason = error.message();
  note(std::move(outcome));
}

std::vector<Edit> Draft::edits() const {
  std::vector<Edit> out;
  for (const std::string& path : order_) out.push_back(edits_.at(path));
  return out;
}

std::vector<Item> all_items() {
  return {machine_id_item(), boot_entry_item(), host_key_item(), hostname_item(), random_seed_item(),
          credential_item(), lease_item(),      mac_item(),      address_item(),  cloud_init_item(),
          iscsi_item(),      nvme_item(),       log_item(),      history_item()};
}

std::vector<Interest> interests_for(const Options& options) {
  std::vector<Interest> all = not_handled_interests();
  for (const Item& item : all_items()) {
    // Items read for one another, but nobody reads all logs for nothing.
    if (is_optional(item.name) && !is_selected(options, item.name)) continue;
    all.insert(all.end(), item.interests.begin(), item.interests.end());
  }
  return all;
}

Plan make_plan(const Facts& facts, const Options& options, const Fresh& fresh, Mode mode) {
  Draft draft(facts, options, fresh, mode);
  for (const Item& item : all_items()) {
    if (is_selected(options, item.name)) item.make(draft);
    else
      draft.note({.item = item.name,
                  .path = {},
                  .status = Status::kept,
                  .old_value = {},
                  .new_value = {},
                  .reason = is_optional(item.name) ? "unless asked for" : "as asked"});
  }
  draft.report().not_handled = seen_not_handled(facts);
  if (mode == Mode::show) {
    // Nobody will ever have these.
    draft.report().machine_id.clear();
    draft.report().host_public_keys.clear();
  }
  return {draft.edits(), std::move(draft.report())};
}

}  // namespace vmtool::identity
