#pragma once
// How each type of scalar is written in a manifest. Texts are read strictly by the field's own type, whatever YAML
// would make of them.

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/address.hpp"
#include "model/enum_text.hpp"
#include "util/bytes.hpp"

namespace vmtool::manifest {

/// Specialised for each scalar type: `type()` names it for people, `read()` throws util::Error{invalid_input} where the
/// text is none, `write()` gives a text that read() takes back.
template <class V>
struct Value;

template <class V>
concept Scalar = requires(const V& value, std::string_view text) {
  { Value<V>::type() } -> std::same_as<std::string>;
  { Value<V>::read(text) } -> std::same_as<V>;
  { Value<V>::write(value) } -> std::same_as<std::string>;
};

template <>
struct Value<std::string> {
  static std::string type() { return "text"; }
  static std::string read(std::string_view text);
  static std::string write(const std::string& value) { return value; }
};
template <>
struct Value<bool> {
  static std::string type() { return "true or false"; }
  static bool read(std::string_view text);
  static std::string write(const bool& value) { return value ? "true" : "false"; }
};
template <>
struct Value<unsigned> {
  static std::string type() { return "whole number"; }
  static unsigned read(std::string_view text);
  static std::string write(const unsigned& value) { return std::to_string(value); }
};
template <>
struct Value<std::uint64_t> {
  static std::string type() { return "whole number"; }
  static std::uint64_t read(std::string_view text);
  static std::string write(const std::uint64_t& value) { return std::to_string(value); }
};
template <>
struct Value<util::Bytes> {
  static std::string type() { return "size"; }
  static util::Bytes read(std::string_view text) { return util::parse_bytes(text); }
  static std::string write(const util::Bytes& value) { return util::to_text(value); }
};
template <>
struct Value<std::chrono::milliseconds> {
  static std::string type() { return "duration"; }
  static std::chrono::milliseconds read(std::string_view text);
  static std::string write(const std::chrono::milliseconds& value);
};
template <>
struct Value<model::MacAddress> {
  static std::string type() { return "MAC address"; }
  static model::MacAddress read(std::string_view text);
  static std::string write(const model::MacAddress& value) { return model::to_text(value); }
};
template <>
struct Value<model::IpAddress> {
  static std::string type() { return "IP address"; }
  static model::IpAddress read(std::string_view text);
  static std::string write(const model::IpAddress& value) { return model::to_text(value); }
};
template <>
struct Value<model::IpPrefix> {
  static std::string type() { return "IP address/length"; }
  static model::IpPrefix read(std::string_view text);
  static std::string write(const model::IpPrefix& value) { return model::to_text(value); }
};

/// The complaint about a word that is not in the list, with the one that was meant.
[[noreturn]] void refuse_word(std::string_view word, const std::vector<std::string>& words);

template <class E>
requires std::is_enum_v<E>
struct Value<E> {
  static std::string type() {
    std::string text = "one of: ";
    for (const std::string& word : model::words_of<E>()) text += word + ", ";
    return text.substr(0, text.size() - 2);
  }
  static E read(std::string_view text) {
    if (const auto value = model::from_text<E>(text)) return *value;
    refuse_word(text, model::words_of<E>());
  }
  static std::string write(const E& value) { return std::string(model::to_text(value)); }
};

}  // namespace vmtool::manifest
