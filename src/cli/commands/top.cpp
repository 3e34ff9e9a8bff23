#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/stop_options.hpp"
#include "ops/usage.hpp"
#include "util/bytes.hpp"

namespace vmtool::cli {
namespace {

template <class T>
Json number_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Column bytes_column(const char* title, const char* key) {
  return {title, [key](const Json& row) {
            const Json& bytes = row.at(key);
            return bytes.is_null() ? std::string() : util::to_human({bytes.get<std::uint64_t>()});
          }};
}

Column percent_column() {
  return {"CPU", [](const Json& row) {
            const Json& cpus = row.at("cpus");
            return cpus.is_null() ? std::string() : fmt::format("{:.1f}%", cpus.get<double>() * 100);
          }};
}

Json usage_row(const ops::GuestUsage& usage) {
  return {{"name", usage.name},
          {"kind", usage.kind},
          {"cpus", number_or_null(usage.cpus)},
          {"memoryBytes", number_or_null(usage.memory_bytes)},
          {"memoryLimitBytes", number_or_null(usage.memory_limit)},
          {"processes", number_or_null(usage.processes)}};
}

}  // namespace

void add_top(Grammar& grammar) {
  Command command = grammar.command("top", "Show what running guests use: processors, memory, processes");
  const auto interval = std::make_shared<std::string>("1s");
  command.option("--interval", "TIME", *interval, "The time that processor use is measured over (default: 1s)");
  command.on([interval](Session& session) {
    const auto time = parse_duration_option("--interval", *interval);
    Listing listing{
        "guests",
        {field("NAME", "name"), field("KIND", "kind"), percent_column(), bytes_column("MEMORY", "memoryBytes"),
         bytes_column("LIMIT", "memoryLimitBytes"), field("PROCESSES", "processes")},
        {}};
    for (const ops::GuestUsage& usage : ops::measure_usage(ops::ContainerHome(), session.find_connection(), time))
      listing.rows.push_back(usage_row(usage));
    print(listing, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
