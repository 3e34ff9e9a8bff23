#include "isolation/child_main.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>

#include "isolation/system.hpp"

namespace vmtool::isolation {
namespace {

unsigned preserved_by(const Plan& plan) noexcept {
  const auto* const execute = std::get_if<Execute>(&plan.steps.back().action);
  return execute != nullptr ? execute->preserved : 0;
}

Outcome prepare(const Plan& plan, const Child& child) noexcept {
  if (sys::close_on_exec_from(3 + preserved_by(plan)) != 0) return Outcome::last_error();
  // Before anything of a container can see this process: it must not be traced, nor its descriptors be read.
  if (plan.hidden && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return Outcome::last_error();
  return die_with_launcher(child);
}

[[noreturn]] void fail(const Child& child, std::uint32_t step, const Outcome& outcome) noexcept {
  const Failure failure = Failure::of(step, outcome);
  if (child.report >= 0) {
    static_cast<void>(::write(child.report, &failure, sizeof failure));
  } else {
    static_cast<void>(::send(child.sync, &failure, sizeof failure, MSG_NOSIGNAL));
  }
  ::_exit(outcome.error == ENOENT ? 127 : 126);
}

}  // namespace

void child_main(const Plan& plan, Child& child) noexcept {
  if (const auto done = prepare(plan, child); !done) fail(child, 0, done);
  std::uint32_t index = 0;
  for (const Step& step : plan.steps) {
    Outcome outcome;
    try {
      outcome = std::visit([&](const auto& action) { return run(action, child); }, step.action);
    } catch (...) {
      outcome = {ENOMEM, nullptr};  // only text of hooks and arguments is allocated here
    }
    if (!outcome) fail(child, index, outcome);
    ++index;
  }
  fail(child, index - 1, {EINVAL, "the plan does not end in a program"});
}

}  // namespace vmtool::isolation
