#pragma once
// Ownership of objects of C libraries, one pointer wide.

#include <memory>

namespace vmtool::util {

/// A deleter that calls `Free`, a C function that takes the pointer.
template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* pointer) const noexcept {
    static_cast<void>(Free(pointer));
  }
};

/// `Handle<virDomain, virDomainFree>` owns a virDomainPtr.
template <class T, auto Free>
using Handle = std::unique_ptr<T, FreeBy<Free>>;

}  // namespace vmtool::util
