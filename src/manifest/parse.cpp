#include "manifest/parse.hpp"

#include <cctype>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "manifest/node_builder.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

std::string hint_for_syntax(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  if (line.substr(0, first).find('\t') != std::string_view::npos) return "indent with spaces, not with tabs";
  return {};
}

// The parser's own words, in the form of ours.
std::string lower_first(std::string text) {
  if (!text.empty()) text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

NodePtr parse_document(const SourceText& source, const Segment& lines, Budget& budget, Faults& faults) {
  std::istringstream text{std::string(source.text_of(lines))};
  NodeBuilder builder(source, lines, budget, faults);
  try {
    YAML::Parser parser(text);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    faults.add(refused.place, refused.message, refused.hint);
    return nullptr;
  } catch (const YAML::Exception& error) {
    const Place place = builder.place_of(error.mark);
    faults.add(place, fmt::format("not valid YAML: {}", lower_first(error.msg)),
               hint_for_syntax(source.line(place.line)));
    return nullptr;
  }
  return builder.take_root();
}

}  // namespace

std::vector<ParsedDocument> parse(const SourceText& source, Faults& faults) {
  if (const auto unfit = find_unfit(source)) {
    faults.add(place_of_byte(source, unfit->line, unfit->byte_column), unfit->message, unfit->hint);
    return {};
  }
  std::vector<ParsedDocument> documents;
  Budget budget;
  for (const Segment& lines : source.documents()) {
    NodePtr root = parse_document(source, lines, budget, faults);
    if (budget.is_spent) return {};
    if (root && root->type != Node::Type::empty) documents.push_back({std::move(root), lines});
  }
  return documents;
}

}  // namespace vmtool::manifest
