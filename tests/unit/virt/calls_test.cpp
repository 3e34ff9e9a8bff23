#include "virt/calls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include "util/error.hpp"

namespace vmtool::virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// What a call that hangs waits for; let go at the end of the test, so that no thread is left.
class Gate {
 public:
  ~Gate() { open_.set_value(); }
  Calls::Body wait() {
    return [opened = opened_] { opened.wait(); };
  }

 private:
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), util::Errc::unavailable);
    return error.message();
  }
  return "nothing was thrown";
}

TEST(Calls, RunOnAnotherThreadAndThrowHere) {
  const Calls calls("the daemon");
  const auto ran_on = std::make_shared<std::thread::id>();
  calls.run([ran_on] { *ran_on = std::this_thread::get_id(); }, 10s);
  EXPECT_NE(*ran_on, std::thread::id());
  EXPECT_NE(*ran_on, std::this_thread::get_id());
  EXPECT_THROW(calls.run([] { throw std::out_of_range("x"); }, 10s), std::out_of_range);
  EXPECT_FALSE(calls.is_dead());
}

TEST(Calls, AfterATimeOutEveryFurtherCallFailsAtOnce) {
  Gate gate;
  const Calls calls("the daemon");
  EXPECT_THAT(message_of([&] { calls.run(gate.wait(), 20ms); }), HasSubstr("the daemon did not answer within 20ms"));
  EXPECT_TRUE(calls.is_dead());
  bool ran = false;
  EXPECT_THAT(message_of([&] { calls.run([&ran] { ran = true; }, 10s); }), HasSubstr("does not answer any more"));
  EXPECT_FALSE(ran);
}

TEST(Calls, LongOnesGoOnWhileThereAreSignsOfLife) {
  const Calls calls("the daemon");
  const auto signs = std::make_shared<std::atomic<int>>(0);
  calls.run_long(
      [signs] {
        while (*signs < 3) std::this_thread::sleep_for(1ms);
      },
      50ms, [signs] { ++*signs; });
  EXPECT_GE(*signs, 3);
  EXPECT_FALSE(calls.is_dead());
}

TEST(Calls, LongOnesEndWithoutASignOfLife) {
  Gate gate;
  const Calls calls("the daemon");
  EXPECT_THAT(message_of([&] { calls.run_long(gate.wait(), 20ms, gate.wait()); }), HasSubstr("did not answer"));
  EXPECT_TRUE(calls.is_dead());
}

TEST(Calls, LeaveAGuestThatHangsBehind) {
  Gate gate;
  const Calls calls("the daemon");
  EXPECT_FALSE(calls.try_run(gate.wait(), 20ms));
  EXPECT_FALSE(calls.is_dead());
  EXPECT_TRUE(calls.try_run([] {}, 10s));
}

TEST(Calls, AreAtMostFourAtOnce) {
  const Calls calls("the daemon");
  const auto now = std::make_shared<std::atomic<unsigned>>(0);
  const auto most = std::make_shared<std::atomic<unsigned>>(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&calls, now, most] {
      for (int n = 0; n < 20; ++n) {
        calls.run(
            [now, most] {
              const unsigned running = ++*now;
              unsigned seen = *most;
              while (running > seen && !most->compare_exchange_weak(seen, running)) {
              }
              std::this_thread::yield();
              --*now;
            },
            10s);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(*most, Calls::at_once);
}

TEST(Calls, ReleaseWhatACallOwnedBeforeItsCallerGoesOn) {
  const Calls calls("the daemon");
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = owned;
  calls.run([owned = std::move(owned)] { EXPECT_EQ(*owned, 1); }, 10s);
  EXPECT_TRUE(watch.expired());
}

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

// A thread that still ran while exit() took libvirt down crashed the program at its end.
TEST(Calls, LeaveNoThreadBehindAtTheEndOfTheProgram) {
  const std::size_t before = threads_of_this_process();
  {
    const Calls calls("the test");
    calls.run([] {}, std::chrono::seconds(10));
    EXPECT_GT(threads_of_this_process(), before);
  }
  EXPECT_EQ(threads_of_this_process(), before);
}

TEST(Calls, EndWithoutWaitingForWhatHangs) {
  Gate gate;
  {
    const Calls calls("the daemon");
    EXPECT_FALSE(calls.try_run(gate.wait(), 1ms));
  }
  SUCCEED() << "the destructor came back although a call still hangs";
}

}  // namespace
}  // namespace vmtool::virt
