#pragma once
// The same work on many items, by a few threads.

#include <cstddef>
#include <functional>

namespace vmtool::util {

/// Calls `work(i)` for every i below `count`, on at most `threads` threads (the caller's own where one is enough).
/// After the first failure no new item is begun; that failure is thrown once all threads have ended.
void parallel_for(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work);

}  // namespace vmtool::util
