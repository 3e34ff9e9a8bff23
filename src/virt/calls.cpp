#include "virt/calls.hpp"

#include <signal.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "util/duration.hpp"
#include "util/error.hpp"

namespace vmtool::virt {

struct Calls::Job {
  explicit Job(Body run) : body(std::move(run)) {}
  Body body;
  std::condition_variable finished;
  bool done = false;
  std::exception_ptr failure;
};

struct Calls::State {
  explicit State(std::string name) : peer(std::move(name)) {}
  const std::string peer;
  std::mutex mutex;
  std::condition_variable work;  // a job was queued, or the end
  std::condition_variable turn;  // a call ended
  std::deque<std::shared_ptr<Job>> queue;
  std::size_t idle = 0;
  unsigned running = 0;
  bool dead = false;
  bool closed = false;
  bool left_behind = false;  // a thread may be stuck in a call
  std::vector<std::thread> threads;

  util::Error death() const {
    return util::Error(util::Errc::unavailable, peer + " does not answer any more")
        .hint("see whether it still runs, and restart it: systemctl restart libvirtd");
  }

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      work.wait(lock, [this] { return closed || !queue.empty(); });
      --idle;
      if (queue.empty()) return;
      const std::shared_ptr<Job> job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      std::exception_ptr failure;
      try {
        job->body();
      } catch (...) {
        failure = std::current_exception();
      }
      // What the call owned is released before its caller goes on.
      job->body = nullptr;
      lock.lock();
      job->failure = std::move(failure);
      job->done = true;
      job->finished.notify_all();
    }
  }
};

namespace {

// Signals belong to the program's own threads: a console waits for them (console.cpp).
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

// One of the places in the daemon's queue of this client.
class Calls::Turn {
 public:
  explicit Turn(State& state) : state_(state) {
    std::unique_lock lock(state_.mutex);
    state_.turn.wait(lock, [this] { return state_.dead || state_.running < at_once; });
    if (state_.dead) throw state_.death();
    ++state_.running;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    const std::lock_guard lock(state_.mutex);
    --state_.running;
    state_.turn.notify_one();
  }

 private:
  State& state_;
};

Calls::Calls(std::string peer) : state_(std::make_shared<State>(std::move(peer))) {}

Calls::~Calls() {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->work.notify_all();
  std::vector<std::thread> threads = std::move(state_->threads);
  const bool stuck = state_->dead || state_->left_behind;
  lock.unlock();
  for (std::thread& thread : threads) {
    if (stuck) thread.detach();
    else thread.join();
  }
}

std::shared_ptr<Calls::Job> Calls::start(Body body) const {
  auto job = std::make_shared<Job>(std::move(body));
  const std::lock_guard lock(state_->mutex);
  if (state_->queue.size() >= state_->idle) {
    const SignalsBlocked blocked;
    try {
      state_->threads.emplace_back([state = state_] { state->serve(); });
    } catch (const std::system_error& error) {
      throw util::SysError(error.code().value(), "starting a thread for a call of libvirt");
    }
  }
  state_->queue.push_back(job);
  state_->work.notify_one();
  return job;
}

bool Calls::wait(Job& job, std::chrono::milliseconds limit) const {
  std::unique_lock lock(state_->mutex);
  if (!job.finished.wait_for(lock, limit, [&job] { return job.done; })) return false;
  const std::exception_ptr failure = job.failure;
  lock.unlock();
  if (failure) std::rethrow_exception(failure);
  return true;
}

void Calls::give_up(std::chrono::milliseconds limit) const {
  const std::lock_guard lock(state_->mutex);
  state_->dead = true;
  state_->turn.notify_all();
  throw util::Error(util::Errc::unavailable, state_->peer + " did not answer within " + util::to_text(limit))
      .hint("see whether it still runs, and restart it: systemctl restart libvirtd");
}

void Calls::run(Body body, std::chrono::milliseconds limit) const {
  const Turn turn(*state_);
  if (!wait(*start(std::move(body)), limit)) give_up(limit);
}

void Calls::run_long(Body body, std::chrono::milliseconds limit, const Body& sign_of_life) const {
  const Turn turn(*state_);
  const auto job = start(std::move(body));
  while (!wait(*job, limit)) {
    if (!wait(*start(sign_of_life), limit)) give_up(limit);
  }
}

bool Calls::try_run(Body body, std::chrono::milliseconds limit) const {
  const Turn turn(*state_);
  if (wait(*start(std::move(body)), limit)) return true;
  const std::lock_guard lock(state_->mutex);
  state_->left_behind = true;
  return false;
}

void Calls::leave(Body body) const {
  start(std::move(body));
  const std::lock_guard lock(state_->mutex);
  state_->left_behind = true;
}

bool Calls::is_dead() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dead;
}

}  // namespace vmtool::virt
