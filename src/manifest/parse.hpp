#pragma once
// YAML text → nodes. The only place that knows yaml-cpp.

#include <vector>

#include "manifest/faults.hpp"
#include "manifest/node.hpp"

namespace vmtool::manifest {

/// One document of a file.
struct ParsedDocument {
  NodePtr root;
  Segment lines;
};

/// The documents of a file that are not empty. What is wrong goes to `faults`: syntax, duplicate keys, keys that are not
/// text, tags, and what is beyond the bounds.
std::vector<ParsedDocument> parse(const SourceText& source, Faults& faults);

}  // namespace vmtool::manifest
