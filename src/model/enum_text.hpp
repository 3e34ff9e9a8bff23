#pragma once
// The words of an enumeration, in one table that manifests, XML and messages share.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmtool::model {

template <class E, std::size_t N>
using WordTable = std::array<std::pair<E, std::string_view>, N>;

/// Specialised next to each enumeration: `static constexpr WordTable<E, N> table`.
template <class E>
struct Words;

/// The word of a value, as it stands in manifests and in libvirt's XML.
template <class E>
constexpr std::string_view to_text(E value) {
  for (const auto& [candidate, word] : Words<E>::table) {
    if (candidate == value) return word;
  }
  return {};
}

/// The value of a word; absent when there is no such word.
template <class E>
constexpr std::optional<E> from_text(std::string_view word) {
  for (const auto& [value, candidate] : Words<E>::table) {
    if (candidate == word) return value;
  }
  return std::nullopt;
}

/// All words, in the order of the table.
template <class E>
std::vector<std::string> words_of() {
  std::vector<std::string> words;
  for (const auto& [value, word] : Words<E>::table) words.emplace_back(word);
  return words;
}

}  // namespace vmtool::model
