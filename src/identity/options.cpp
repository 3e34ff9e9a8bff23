#include "identity/options.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "identity/machine_id.hpp"
#include "identity/plan.hpp"
#include "identity/static_address.hpp"
#include "identity/text_edit.hpp"
#include "util/error.hpp"
#include "util/text.hpp"
#include "util/uuid.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

const std::array<std::string, 2> optional_names{"logs", "histories"};

[[noreturn]] void refuse_option(const std::string& message, const std::string& hint = "") {
  throw Error(Errc::invalid_input, message).hint(hint);
}

void check_machine_id(const Options& options) {
  const std::string& mode = options.machine_id;
  if (mode == "uuid" && !util::parse_uuid(options.uuid))
    refuse_option("the machine-id is to be the machine's UUID, which is not known");
  const bool is_mode = mode == "random" || mode == "empty" || mode == "uninitialized" || mode == "uuid";
  if (!is_mode && !is_machine_id(mode)) {
    refuse_option(fmt::format("'{}' is no machine-id", util::printable(mode)),
                  "random, empty, uninitialized, uuid, or 32 digits of 0-9a-f");
  }
}

// RFC 1123, section 2.1.
bool is_hostname(const std::string& name) {
  if (name.size() > 253) return false;
  for (const std::string& label : util::split(name, '.')) {
    const bool right =
        !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
        std::all_of(label.begin(), label.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
    if (!right) return false;
  }
  return true;
}

void check_item_name(const std::string& name) {
  std::vector<std::string> names;
  for (const Item& item : all_items()) names.push_back(item.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  const auto near = util::nearest(name, names);
  refuse_option(fmt::format("there is no item '{}'", util::printable(name)),
                near ? fmt::format("did you mean '{}'?", *near) : "the items are " + util::join(names, ", "));
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void check(const Options& options) {
  check_machine_id(options);
  if (!options.hostname.empty() && !is_hostname(options.hostname))
    refuse_option(fmt::format("'{}' is no host name", util::printable(options.hostname)));
  for (const MacChange& change : options.macs) {
    for (const std::string& mac : {change.old_mac, change.new_mac}) {
      if (mac.size() != 17 || macs_in(mac).empty())
        refuse_option(fmt::format("'{}' is no MAC address", util::printable(mac)));
    }
  }
  for (const AddressChange& change : options.addresses) {
    if (!is_address(change.new_address))
      refuse_option(fmt::format("'{}' is no address", util::printable(change.new_address)));
    if (!change.old_address.empty() && !is_address(change.old_address))
      refuse_option(fmt::format("'{}' is no address", util::printable(change.old_address)));
  }
  for (const std::string& name : options.keep) check_item_name(name);
  for (const std::string& name : options.only) check_item_name(name);
  for (const std::string& name : options.clean) {
    check_item_name(name);
    if (!is_optional(name))
      refuse_option(fmt::format("'{}' is renewed anyway", name),
                    "what can be cleaned is: " + util::join(optional_names, ", "));
  }
}

bool is_optional(std::string_view item) {
  return std::find(optional_names.begin(), optional_names.end(), item) != optional_names.end();
}

bool is_selected(const Options& options, std::string_view item) {
  if (contains(options.keep, item)) return false;
  if (contains(options.only, item) || contains(options.clean, item)) return true;
  return options.only.empty() && !is_optional(item);
}

}  // namespace vmtool::identity
