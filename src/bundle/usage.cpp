#include "bundle/usage.hpp"

#include <nlohmann/json.hpp>

namespace vmtool::bundle {
namespace {

// Without a limit, cgroup v1 tells a number near the largest.
constexpr std::uint64_t no_limit = std::uint64_t{1} << 62;

std::optional<std::uint64_t> count_at(const nlohmann::json& document, const char* pointer) {
  const nlohmann::json::json_pointer place(pointer);
  if (!document.contains(place) || !document[place].is_number_unsigned()) return std::nullopt;
  return document[place].get<std::uint64_t>();
}

}  // namespace

std::optional<Usage> read_usage(std::string_view text) {
  const auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  Usage out;
  out.cpu_ns = count_at(document, "/data/cpu/usage/total");
  out.memory_bytes = count_at(document, "/data/memory/usage/usage");
  out.memory_limit = count_at(document, "/data/memory/usage/limit");
  if (out.memory_limit && *out.memory_limit >= no_limit) out.memory_limit.reset();
  out.processes = count_at(document, "/data/pids/current").value_or(0);
  return out;
}

}  // namespace vmtool::bundle
