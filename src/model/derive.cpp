#include "model/derive.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace vmtool::model {

// Newlines separate the parts: no name contains one, so no two lists of parts give the same text.
util::Uuid derive_uuid(const util::Uuid& host, std::string_view kind, std::string_view name) {
  return util::derived_uuid(host, fmt::format("{}\n{}", kind, name));
}

MacAddress derive_mac(const util::Uuid& host, std::string_view kind, std::string_view name, std::string_view interface,
                      unsigned attempt) {
  const util::Uuid derived = util::derived_uuid(host, fmt::format("{}\n{}\n{}\n{}", kind, name, interface, attempt));
  MacAddress mac{{0x52, 0x54, 0x00, 0, 0, 0}};
  std::copy_n(derived.bytes.begin(), 3, mac.bytes.begin() + 3);
  return mac;
}

}  // namespace vmtool::model
