#pragma once
// What the user wants renewed, and with which values.

#include <string>
#include <string_view>
#include <vector>

namespace vmtool::identity {

/// A network card's address before and after, "52:54:00:aa:bb:cc".
struct MacChange {
  std::string old_mac;
  std::string new_mac;
};

/// A fixed address in the guest's own configuration before and after: "192.168.1.5" or "192.168.1.5/24". An empty
/// old one means the only address that is found.
struct AddressChange {
  std::string old_address;
  std::string new_address;
};

struct Options {
  /// random | empty | uninitialized | uuid | 32 lower-case hexadecimal digits.
  std::string machine_id = "random";
  /// The machine's own UUID, for "uuid".
  std::string uuid{};
  /// The new host name (RFC 1123, with or without a domain); empty: it stays.
  std::string hostname{};
  std::vector<MacChange> macs{};
  std::vector<AddressChange> addresses{};
  /// Items that stay as they are; "address" accepts a fixed address that the source has too.
  std::vector<std::string> keep{};
  /// Where not empty: only these items, and those of `clean`.
  std::vector<std::string> only{};
  /// Items that are left alone unless they are named here or in `only`: "logs", "histories".
  std::vector<std::string> clean{};
};

/// Throws Error{invalid_input} for a machine-id, host name, MAC, address or item name that is none.
void check(const Options& options);

/// Whether the item is left alone unless it is asked for by name.
bool is_optional(std::string_view item);

/// Whether the item is to be renewed, by `keep`, `only` and `clean`.
bool is_selected(const Options& options, std::string_view item);

}  // namespace vmtool::identity
