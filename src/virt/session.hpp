#pragma once
// What the objects of this room share: libvirt's connection and the deadlines of its calls. Private to the room.

#include <libvirt/libvirt.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "virt/calls.hpp"

namespace vmtool::virt {

class Session {
 public:
  /// Throws as Connection::open.
  static std::shared_ptr<const Session> open(const std::string& uri, std::chrono::milliseconds open_limit,
                                             std::chrono::milliseconds call_limit);
  Session(const std::string& uri, std::chrono::milliseconds call_limit);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Closes the connection; a daemon that does not answer is not waited for.
  ~Session();

  const std::shared_ptr<virConnect>& connection() const noexcept { return connection_; }

  /// The result of f(), within the call limit. `f` owns what it uses: it may outlive the caller (calls.hpp).
  template <class F>
  std::invoke_result_t<F> call(F f) const {
    return deliver(std::move(f), [this](Calls::Body body) { calls_.run(std::move(body), call_limit_); });
  }

  /// As call(), for what may take long: no limit while the daemon answers other calls.
  template <class F>
  std::invoke_result_t<F> call_long(F f) const {
    return deliver(std::move(f), [this](Calls::Body body) { calls_.run_long(std::move(body), call_limit_, ping()); });
  }

  /// As call(), for what waits on a guest: absent after `limit`, which says nothing of the daemon.
  template <class F>
  std::optional<std::invoke_result_t<F>> call_guest(F f, std::chrono::milliseconds limit) const {
    const auto result = std::make_shared<std::optional<std::invoke_result_t<F>>>();
    if (!calls_.try_run([result, f = std::move(f)]() mutable { result->emplace(f()); }, limit)) return std::nullopt;
    return std::move(*result);
  }

 private:
  template <class F, class Run>
  static std::invoke_result_t<F> deliver(F f, const Run& run) {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
      run(std::move(f));
    } else {
      const auto result = std::make_shared<std::optional<std::invoke_result_t<F>>>();
      run([result, f = std::move(f)]() mutable { result->emplace(f()); });
      return std::move(**result);
    }
  }
  Calls::Body ping() const;

  Calls calls_;
  std::chrono::milliseconds call_limit_;
  std::shared_ptr<virConnect> connection_;
};

}  // namespace vmtool::virt
