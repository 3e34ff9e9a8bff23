#include "cli/identity_report.hpp"

#include <fmt/format.h>

namespace vmtool::cli {
namespace {

Json item_record(const identity::Outcome& outcome) {
  return {{"item", outcome.item},
          {"path", or_null(outcome.path)},
          {"status", identity::to_text(outcome.status)},
          {"old", or_null(outcome.old_value)},
          {"new", or_null(outcome.new_value)},
          {"reason", or_null(outcome.reason)}};
}

}  // namespace

Json report_record(const std::string& name, const identity::Report& report) {
  Json items = Json::array();
  for (const identity::Outcome& outcome : report.outcomes) items.push_back(item_record(outcome));
  return {{"name", name},
          {"machineId", or_null(report.machine_id)},
          {"items", items},
          {"hostPublicKeys", report.host_public_keys},
          {"notHandled", report.not_handled},
          {"warnings", report.warnings}};
}

void print_renewal(Session& session, const std::string& name, const identity::Report& report) {
  const Json record = report_record(name, report);
  const OutputFormat format = session.globals().output;
  if (format != OutputFormat::table) return print_record(record, format);
  for (const std::string& warning : report.warnings) session.reporter().warn(warning);
  for (const std::string& what : report.not_handled) session.reporter().warn(fmt::format("not renewed: {}", what));
  Listing listing{"items",
                  {field("ITEM", "item"), field("STATUS", "status"), field("PATH", "path"), field("OLD", "old"),
                   field("NEW", "new"), field("REASON", "reason")},
                  {}};
  for (const Json& item : record.at("items")) {
    // What a guest does not have is no news.
    if (item.at("status") != identity::to_text(identity::Status::absent)) listing.rows.push_back(item);
  }
  print(listing, format);
}

}  // namespace vmtool::cli
