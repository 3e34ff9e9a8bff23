#pragma once
// Short ways to read a manifest in a test.

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "manifest/fields.hpp"
#include "manifest/read.hpp"

namespace vmtool::manifest {

inline ReadResult read_text(const std::string& text, const Options& options = {}, const std::string& name = "m.yaml") {
  const std::vector<Source> sources{{name, text}};
  return read(sources, options);
}

/// "line:column: message (hint)", one each.
inline std::vector<std::string> faults_of(const ReadResult& result) {
  std::vector<std::string> out;
  for (const Diagnostic& fault : result.diagnostics) {
    std::string line = std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " + fault.message;
    if (!fault.hint.empty()) line += " (" + fault.hint + ")";
    out.push_back(line);
  }
  return out;
}

/// The objects of a text that must be good.
inline std::vector<model::Document> documents_of(const std::string& text, const Options& options = {}) {
  ReadResult result = read_text(text, options);
  EXPECT_EQ(faults_of(result), std::vector<std::string>{});
  return std::move(result.manifest.documents);
}

/// What an object of a good text differs in from an empty one.
inline std::map<std::string, std::string> flat(const std::string& text, const Options& options = {}) {
  const auto documents = documents_of(text, options);
  return documents.size() == 1 ? flatten(documents.front().object) : std::map<std::string, std::string>{};
}

}  // namespace vmtool::manifest
