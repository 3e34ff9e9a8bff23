#include "util/undo.hpp"

#include <exception>

namespace vmtool::util {

void Undo::run() noexcept {
  while (!steps_.empty()) {
    auto [what, reverse] = std::move(steps_.back());
    steps_.pop_back();
    std::string why;
    try {
      reverse();
      continue;
    } catch (const std::exception& error) {
      why = error.what();
    } catch (...) {
      why = "unknown failure";
    }
    if (on_failure_) on_failure_(what, why);
  }
}

}  // namespace vmtool::util
