#pragma once
// The complaints of one reading, collected.

#include <string>
#include <vector>

#include "manifest/diagnostic.hpp"
#include "manifest/node.hpp"

namespace vmtool::manifest {

class Faults {
 public:
  void add(const Place& place, std::string message, std::string hint = {});
  bool empty() const noexcept { return faults_.empty(); }
  std::size_t size() const noexcept { return faults_.size(); }
  /// All of them in order of file (as first complained about in `order`), line and column, each once.
  /// Beyond the first thousand only their number is kept.
  std::vector<Diagnostic> take(const std::vector<const SourceText*>& order);

 private:
  struct Fault {
    Place place;
    std::string message;
    std::string hint;
  };
  std::vector<Fault> faults_;
  std::size_t more_ = 0;
};

}  // namespace vmtool::manifest
