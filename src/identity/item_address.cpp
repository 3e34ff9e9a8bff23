#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "identity/network_files.hpp"
#include "identity/static_address.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

constexpr const char* address_item_name = "address";

struct Found {
  const Fact* file = nullptr;
  std::string address;
};

std::vector<Found> find_all(const Facts& facts) {
  std::vector<Found> all;
  for (const char* pattern : network_file_patterns) {
    for (const Fact* file : facts.matching(pattern)) {
      for (std::string& address : static_addresses(file->path, file->content))
        all.push_back({file, std::move(address)});
    }
  }
  return all;
}

std::string bare(const std::string& address) { return address.substr(0, address.find('/')); }

std::optional<std::string> find_new_address(const Options& options, const Found& found, std::size_t count) {
  for (const AddressChange& change : options.addresses) {
    if (change.old_address.empty() ? count == 1 : bare(change.old_address) == bare(found.address))
      return change.new_address;
  }
  return std::nullopt;
}

Error shared_address(const Found& found, std::size_t count) {
  return Error(Errc::conflict,
               fmt::format("'{}' in the guest fixes the address '{}', which its clone would share with it",
                           util::printable(found.file->path), found.address))
      .hint(count == 1 ? "give it another one with '--address', or accept it with '--keep address'"
                       : fmt::format("give it another one with '--address {}=NEW', or accept it with '--keep address'",
                                     bare(found.address)));
}

void plan_addresses(Draft& draft) {
  const std::vector<Found> all = find_all(draft.facts());
  if (all.empty())
    draft.note({.item = address_item_name,
                .path = {},
                .status = Status::absent,
                .old_value = {},
                .new_value = {},
                .reason = {}});
  for (const Found& found : all) {
    const auto address = find_new_address(draft.options(), found, all.size());
    Outcome outcome{.item = address_item_name,
                    .path = found.file->path,
                    .status = Status::renewed,
                    .old_value = found.address,
                    .new_value = address.value_or(""),
                    .reason = {}};
    if (!address) {
      draft.refuse(std::move(outcome), shared_address(found, all.size()));
      continue;
    }
    draft.write(*found.file, replace_address(draft.text(*found.file), found.address, *address));
    draft.note(std::move(outcome));
    const Fact* hosts = draft.facts().file("/etc/hosts");
    if (hosts == nullptr) continue;
    const std::string changed = replace_address(draft.text(*hosts), found.address, bare(*address));
    if (changed != draft.text(*hosts)) draft.write(*hosts, changed);
  }
}

}  // namespace

Item address_item() {
  Item item{address_item_name, "fixed addresses in the guest's own configuration", {{"/etc/hosts"}}, plan_addresses};
  for (const char* pattern : network_file_patterns) item.interests.push_back({pattern});
  return item;
}

}  // namespace vmtool::identity
