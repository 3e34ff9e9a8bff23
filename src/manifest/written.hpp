#pragma once
// A document that is written, the counterpart of the nodes that are read.

#include <string>
#include <utility>
#include <vector>

namespace vmtool::manifest {

struct Written {
  enum class Type { text, list, mapping };
  Type type = Type::mapping;
  std::string text{};
  std::vector<Written> items{};
  std::vector<std::pair<std::string, Written>> members{};  ///< in the order in which they are written
};

/// YAML in block style, texts in double quotes where a plain one could be read as something else; `${` is written so that
/// it stays what it is.
std::string to_yaml(const Written& document);

}  // namespace vmtool::manifest
