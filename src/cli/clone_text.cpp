#include "cli/clone_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::cli {
namespace {

using Row = std::array<std::string, 4>;

// Fingerprints and paths are long; the whole of them is in JSON.
constexpr std::size_t longest_cell = 60;

std::string dash(const std::string& text) { return text.empty() ? "-" : util::printable(text, longest_cell); }

std::vector<Row> rows_of(const ops::CloneReport& report) {
  std::vector<Row> rows{{"ITEM", "STATUS", "OLD", "NEW"}};
  for (const xml::CloneItem& item : report.items) {
    const std::string what = item.place.empty() ? item.item : fmt::format("{} ({})", item.item, item.place);
    rows.push_back({what, xml::to_text(item.status), dash(item.old_value), dash(item.new_value)});
  }
  if (!report.identity) return rows;
  for (const identity::Outcome& outcome : report.identity->outcomes) {
    if (outcome.status == identity::Status::absent) continue;
    const std::string what = outcome.path.empty()
                                 ? outcome.item
                                 : fmt::format("{} ({})", outcome.item, util::printable(outcome.path, longest_cell));
    rows.push_back(
        {what, identity::to_text(outcome.status), dash(outcome.old_value),
         outcome.reason.empty() ? dash(outcome.new_value) : util::printable(outcome.reason, 2 * longest_cell)});
  }
  return rows;
}

}  // namespace

std::string to_text(const ops::CloneReport& report) {
  const std::vector<Row> rows = rows_of(report);
  std::array<std::size_t, 3> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out = fmt::format("{} is a clone of {}\n", report.name, report.source);
  for (const Row& row : rows)
    out +=
        fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2], widths[2], row[3]);
  if (report.identity && !report.identity->not_handled.empty()) {
    out += "  not handled:\n";
    for (const std::string& item : report.identity->not_handled) out += fmt::format("    {}\n", util::printable(item));
  }
  return out;
}

Json to_json(const ops::CloneReport& report) {
  Json disks = Json::array();
  for (const ops::ClonedDisk& disk : report.disks)
    disks.push_back({{"target", disk.target}, {"mode", disk.way}, {"path", or_null(disk.path)}});
  Json items = Json::array();
  for (const xml::CloneItem& item : report.items) {
    items.push_back({{"item", item.item},
                     {"place", or_null(item.place)},
                     {"status", xml::to_text(item.status)},
                     {"old", or_null(item.old_value)},
                     {"new", or_null(item.new_value)},
                     {"reason", or_null(item.reason)}});
  }
  std::vector<std::string> warnings = report.warnings;
  const identity::Report inside = report.identity.value_or(identity::Report{});
  for (const identity::Outcome& outcome : inside.outcomes) {
    items.push_back({{"item", outcome.item},
                     {"place", or_null(outcome.path)},
                     {"status", identity::to_text(outcome.status)},
                     {"old", or_null(outcome.old_value)},
                     {"new", or_null(outcome.new_value)},
                     {"reason", or_null(outcome.reason)}});
  }
  warnings.insert(warnings.end(), inside.warnings.begin(), inside.warnings.end());
  return {{"name", report.name},
          {"source", report.source},
          {"uuid", report.uuid},
          {"machineId", or_null(inside.machine_id)},
          {"disks", disks},
          {"items", items},
          {"hostPublicKeys", inside.host_public_keys},
          {"notHandled", inside.not_handled},
          {"warnings", warnings}};
}

}  // namespace vmtool::cli
