#pragma once
// From what libvirt's functions return to values that own, or to a VirtError. Private to the room; all of this runs on the
// thread that made the call, because libvirt's last error belongs to a thread.

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "util/handle.hpp"
#include "virt/error.hpp"

namespace vmtool::virt {

/// Throws VirtError where a function returned a negative number; otherwise that number.
inline int check(int result, const std::string& doing) {
  if (result < 0) throw VirtError(doing);
  return result;
}

/// Owns what a function returned; throws VirtError where it returned nothing.
template <auto Free, class T>
std::shared_ptr<T> own(T* pointer, const std::string& doing) {
  if (pointer == nullptr) throw VirtError(doing);
  return util::Handle<T, Free>(pointer);
}

/// Takes a text that libvirt allocated; throws VirtError where there is none.
inline std::string take_text(char* text, const std::string& doing) {
  const util::Handle<char, std::free> owner(text);
  if (!owner) throw VirtError(doing);
  return owner.get();
}

/// A text of a structure of libvirt's, which may be missing.
inline std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

/// ASCII letters in lower case, for MAC addresses.
inline std::string lower_case(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

/// What a listing function fills: `list<virDomainFree, virDomain>([&](virDomainPtr** out) { return virConnectList…(…); })`.
template <auto Free, class T, class Fill>
std::vector<std::shared_ptr<T>> list(const Fill& fill, const std::string& doing) {
  T** items = nullptr;
  const auto count = static_cast<std::size_t>(check(fill(&items), doing));
  const util::Handle<T*, std::free> array(items);
  std::vector<std::shared_ptr<T>> owned;
  owned.reserve(count);
  for (std::size_t i = 0; i < count; ++i) owned.emplace_back(util::Handle<T, Free>(items[i]));
  return owned;
}

}  // namespace vmtool::virt
