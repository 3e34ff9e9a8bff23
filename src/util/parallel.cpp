#include "util/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace vmtool::util {

void parallel_for(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr first_failure;
  const auto worker = [&] {
    for (std::size_t i = next++; i < count && !failed; i = next++) {
      try {
        work(i);
      } catch (const std::exception&) {
        const std::lock_guard lock(mutex);
        if (!failed.exchange(true)) first_failure = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> pool;
  for (std::size_t i = 1; i < std::min(threads, count); ++i) pool.emplace_back(worker);
  worker();
  pool.clear();
  if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace vmtool::util
