#include "cli/error_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vmtool::cli {

std::string error_text(const util::Error& error, OutputFormat format) {
  if (format == OutputFormat::json) {
    const nlohmann::ordered_json record{
        {"error",
         {{"kind", util::to_text(error.kind())},
          {"message", error.message()},
          {"steps", error.steps()},
          {"hint", error.hint().empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(error.hint())}}}};
    return record.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  // Complaints about a manifest start with their own place.
  const bool placed = error.message().find(": error: ") != std::string::npos;
  std::string out = placed ? error.message() + "\n" : fmt::format("vmtool: error: {}\n", error.message());
  for (const std::string& step : error.steps()) out += fmt::format("  while {}\n", step);
  if (!error.hint().empty()) out += fmt::format("  hint: {}\n", error.hint());
  return out;
}

}  // namespace vmtool::cli
