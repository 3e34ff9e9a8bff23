#pragma once
// How a step in the child tells that it failed: an errno and what it was about; no exceptions there.

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace vmtool::isolation {

/// The outcome of a step: fine where `error` is 0.
struct [[nodiscard]] Outcome {
  int error = 0;
  const char* detail = nullptr;  ///< static text; nullptr: the words for `error`

  static Outcome last_error(const char* detail = nullptr) noexcept { return {errno, detail}; }
  explicit operator bool() const noexcept { return error == 0; }
};

/// What the child sends to its parent before it ends; also what the gate sends (tools/isolation_build/gate.c), which
/// writes the first two members only.
struct Failure {
  static constexpr std::uint32_t in_gate = 0xffffffff;

  std::uint32_t step = 0;  ///< index into Plan::steps
  std::int32_t error = 0;
  char detail[120] = {};

  static Failure of(std::uint32_t step, const Outcome& outcome) noexcept {
    Failure failure;
    failure.step = step;
    failure.error = outcome.error;
    if (outcome.detail != nullptr) std::strncpy(failure.detail, outcome.detail, sizeof failure.detail - 1);
    return failure;
  }
};
static_assert(std::is_trivially_copyable_v<Failure>);

}  // namespace vmtool::isolation
