// Whatever is accepted as a MAC, an IP address, a prefix or a UUID is written so that it is read back equal, and a
// prefix holds its own ends.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/address.hpp"
#include "util/uuid.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vmtool;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto mac = model::parse_mac(text); mac && model::parse_mac(model::to_text(*mac)) != mac) std::abort();
  if (const auto ip = model::parse_ip(text); ip && model::parse_ip(model::to_text(*ip)) != ip) std::abort();
  if (const auto uuid = util::parse_uuid(text); uuid && util::parse_uuid(util::to_text(*uuid)) != uuid) std::abort();
  if (const auto prefix = model::parse_prefix(text)) {
    if (model::parse_prefix(model::to_text(*prefix)) != prefix) std::abort();
    if (!model::contains(*prefix, model::first_address(*prefix))) std::abort();
    if (!model::contains(*prefix, model::last_address(*prefix))) std::abort();
    if (!model::overlaps(*prefix, *prefix)) std::abort();
  }
  return 0;
}
