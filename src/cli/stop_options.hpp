#pragma once
// --force and --timeout, for commands that stop machines.

#include <memory>
#include <string>

#include "cli/grammar.hpp"
#include "ops/lifecycle.hpp"

namespace vmtool::cli {

class StopFlags {
 public:
  static std::shared_ptr<StopFlags> add_to(Command& command);
  /// Throws Error{usage} where the time is none.
  ops::StopOptions options() const;

 private:
  bool force_ = false;
  std::string timeout_;
};

/// A duration given on the command line. Throws Error{usage} that names the option.
std::chrono::milliseconds parse_duration_option(const std::string& option, const std::string& text);

}  // namespace vmtool::cli
