#pragma once
// Small changes of XML text, as another tool or a hand would make them.

#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::tests {

/// `text` with the first `from` replaced; a failure where there is none.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " is not in " << text;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

/// The Error that an action throws; one of kind internal where it throws none.
inline util::Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const util::Error& error) {
    return error;
  }
  return {util::Errc::internal, "nothing was thrown"};
}

}  // namespace vmtool::tests
