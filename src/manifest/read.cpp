#include "manifest/read.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "manifest/document.hpp"
#include "manifest/faults.hpp"
#include "manifest/parse.hpp"
#include "manifest/redact.hpp"
#include "manifest/templates.hpp"
#include "manifest/variables.hpp"
#include "model/check.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

// The lines of a document as they were written, without the marker that separates it from the one before.
std::string written_text(const SourceText& source, Segment lines) {
  std::string_view text = source.text_of(lines);
  if (util::trim(source.line(lines.first_line)) == "---")
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return std::string(text);
}

class Reader {
 public:
  explicit Reader(const Options& options) : options_(options), templates_(options.template_dirs) {}

  void read(const Source& source);
  ReadResult finish();

 private:
  void read_document(const SourceText& source, const ParsedDocument& parsed);
  void check_between_documents();
  void check_variables();

  const Options& options_;
  Templates templates_;
  Faults faults_;
  std::set<std::string> used_variables_;
  bool every_document_was_read_ = true;
  std::deque<SourceText> texts_;
  std::deque<Reading> readings_;  // of the documents of manifest_, in the same order
  model::Manifest manifest_;
};

void Reader::read(const Source& source) {
  if (source.text.size() > largest_file) {
    faults_.add({&texts_.emplace_back(source.name, ""), 0, 0},
                fmt::format("the file is larger than {} MiB", largest_file >> 20), "split the file");
    every_document_was_read_ = false;
    return;
  }
  const SourceText& text = texts_.emplace_back(source.name, source.text);
  const std::size_t faults = faults_.size();
  const auto documents = parse(text, faults_);
  // A text that could not be parsed may hold what the checks below would miss.
  if (faults_.size() != faults) every_document_was_read_ = false;
  for (const ParsedDocument& parsed : documents) read_document(text, parsed);
}

void Reader::read_document(const SourceText& source, const ParsedDocument& parsed) {
  if (parsed.root->type != Node::Type::mapping) {
    faults_.add(parsed.root->place, fmt::format("a document must be a mapping, not {}", describe(parsed.root->type)),
                "begin with 'kind: …' and 'name: …'");
    return;
  }
  const NodePtr resolved = templates_.resolve(parsed.root, faults_);
  if (!resolved) {
    every_document_was_read_ = false;
    return;
  }
  const NodePtr filled = fill_in(resolved, options_.variables, used_variables_, faults_);
  Reading& reading = readings_.emplace_back(faults_, parsed.root->place);
  auto object = read_object(*filled, reading);
  if (!object) {
    readings_.pop_back();
    return;
  }
  model::Document document{std::move(*object), source.name(), parsed.root->place.line, {}};
  document.provenance = {written_text(source, parsed.lines), digest_of(document.object)};
  if (auto* machine = std::get_if<model::VirtualMachine>(&document.object)) {
    if (machine->cloud_init) document.provenance.manifest = without_secrets(document.provenance.manifest);
    machine->provenance = document.provenance;
  }
  manifest_.documents.push_back(std::move(document));
}

void Reader::check_between_documents() {
  for (model::CrossFinding& cross : model::check(manifest_)) {
    readings_[cross.document].add(std::move(cross.finding));
  }
}

void Reader::check_variables() {
  if (!every_document_was_read_ || texts_.empty()) return;
  const std::vector<std::string> used(used_variables_.begin(), used_variables_.end());
  for (const auto& [name, value] : options_.variables) {
    if (used_variables_.count(name) != 0) continue;
    const auto meant = util::nearest(name, used);
    faults_.add({&texts_.front(), 0, 0}, fmt::format("no document uses the variable '{}'", util::printable(name, 60)),
                meant ? fmt::format("did you mean '{}'?", *meant) : "remove it from --set");
  }
}

ReadResult Reader::finish() {
  check_between_documents();
  check_variables();
  std::vector<const SourceText*> order;
  for (const SourceText& text : texts_) order.push_back(&text);
  for (const SourceText& text : templates_.texts()) order.push_back(&text);
  return {std::move(manifest_), faults_.take(order)};
}

}  // namespace

ReadResult read(std::span<const Source> sources, const Options& options) {
  Reader reader(options);
  for (const Source& source : sources) reader.read(source);
  return reader.finish();
}

}  // namespace vmtool::manifest
