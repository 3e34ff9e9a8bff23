#include "manifest/faults.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace vmtool::manifest {
namespace {

constexpr std::size_t most_faults = 1000;
constexpr std::size_t longest_line = 1000;

Diagnostic to_diagnostic(const Place& place, std::string message, std::string hint) {
  Diagnostic out{place.source->name(), place.line, place.column, std::move(message), std::move(hint), {}};
  std::string_view line = place.source->line(place.line);
  if (line.size() > longest_line) {
    line = line.substr(0, longest_line);
    // Cut between two characters.
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0u) == 0x80u) line.remove_suffix(1);
    if (!line.empty() && (static_cast<unsigned char>(line.back()) & 0x80u) != 0) line.remove_suffix(1);
  }
  out.source_line = line;
  return out;
}

}  // namespace

void Faults::add(const Place& place, std::string message, std::string hint) {
  if (faults_.size() < most_faults) faults_.push_back({place, std::move(message), std::move(hint)});
  else ++more_;
}

std::vector<Diagnostic> Faults::take(const std::vector<const SourceText*>& order) {
  const auto key = [&](const Fault& fault) {
    return std::tuple(std::find(order.begin(), order.end(), fault.place.source), fault.place.line, fault.place.column);
  };
  std::stable_sort(faults_.begin(), faults_.end(), [&](const Fault& a, const Fault& b) { return key(a) < key(b); });
  // A template's fault is found by every document that inherits from it.
  const auto end = std::unique(faults_.begin(), faults_.end(), [&](const Fault& a, const Fault& b) {
    return key(a) == key(b) && a.message == b.message;
  });
  faults_.erase(end, faults_.end());
  std::vector<Diagnostic> out;
  out.reserve(faults_.size() + 1);
  for (Fault& fault : faults_)
    out.push_back(to_diagnostic(fault.place, std::move(fault.message), std::move(fault.hint)));
  if (more_ > 0) {
    out.push_back({out.back().file, 0, 0, fmt::format("{} more faults are not shown", more_), {}, {}});
  }
  return out;
}

}  // namespace vmtool::manifest
