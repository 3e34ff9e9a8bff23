#pragma once
// Deadlines for calls that can't be cancelled.
//
// A libvirt call that waits for its daemon can't be interrupted, and keepalive needs an event loop. So each call runs on a
// thread that belongs to the connection, and the caller waits for it with a deadline; handing it over costs some 10 µs
// (docs/explanation/performance.md). A thread that is stuck is never waited for, so that the program can still end. What a
// call works on must therefore be owned by the call (captured by value), never borrowed from the caller.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace vmtool::virt {

class Calls {
 public:
  using Body = std::function<void()>;

  /// libvirtd stops reading from a client with five requests in flight (max_client_requests), so four calls run at
  /// once, further ones wait for their turn, and the fifth place is kept for the sign of life.
  static constexpr unsigned at_once = 4;

  /// `peer` stands in messages: "the libvirt daemon at 'qemu:///system'".
  explicit Calls(std::string peer);
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;
  /// Joins the threads, so that none runs on while the program's libraries are taken down; but waits for nothing where a
  /// call was left behind.
  ~Calls();

  /// Runs `body` and throws what it throws. Throws Error{unavailable} where it takes longer than `limit`; from then on
  /// the peer counts as dead and every further call throws that at once.
  void run(Body body, std::chrono::milliseconds limit) const;
  /// As run(), with no limit as long as `sign_of_life`, asked each time that `limit` has passed, comes back within it.
  void run_long(Body body, std::chrono::milliseconds limit, const Body& sign_of_life) const;
  /// As run(), but a call that takes too long is left behind and the peer not held dead: false.
  bool try_run(Body body, std::chrono::milliseconds limit) const;

  /// Runs `body` some time, and waits for nothing.
  void leave(Body body) const;
  bool is_dead() const;

 private:
  struct Job;
  struct State;
  class Turn;

  std::shared_ptr<Job> start(Body body) const;
  bool wait(Job& job, std::chrono::milliseconds limit) const;
  [[noreturn]] void give_up(std::chrono::milliseconds limit) const;

  std::shared_ptr<State> state_;
};

}  // namespace vmtool::virt
