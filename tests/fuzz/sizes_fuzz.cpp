// Whatever is accepted as a size or a time is written so that it is read back equal.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "util/bytes.hpp"
#include "util/duration.hpp"
#include "util/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vmtool::util;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Bytes bytes = parse_bytes(text);
    if (bytes.count >> 63 != 0 || parse_bytes(to_text(bytes)) != bytes) std::abort();
  } catch (const Error& error) {
    if (error.kind() != Errc::invalid_input) std::abort();
  }
  try {
    const auto duration = parse_duration(text);
    if (duration.count() < 0 || parse_duration(to_text(duration)) != duration) std::abort();
  } catch (const Error& error) {
    if (error.kind() != Errc::invalid_input) std::abort();
  }
  return 0;
}
