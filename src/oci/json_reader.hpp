#pragma once
// Typed access to a JSON document with the place in every complaint. Members that are not known are left alone, as the
// runtime-spec asks for; members of the wrong type are errors.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace vmtool::oci {

/// A value of the document and where it stands ("process.args[2]").
class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string place) : value_(&value), place_(std::move(place)) {}

  /// Parses at most `limit` bytes. Throws Error{invalid_input}.
  static nlohmann::json parse(std::string_view text, const std::string& name);

  const nlohmann::json& value() const noexcept { return *value_; }
  const std::string& place() const noexcept { return place_; }

  /// The member, if it is there and not null. Throws where this is no object.
  std::optional<JsonReader> find(const char* key) const;
  /// Calls `f` for each element of the member, which must be an array, if it is there.
  void each(const char* key, const std::function<void(const JsonReader&)>& f) const;
  /// Calls `f` for each member of the object in member `key`, if it is there.
  void each_member(const char* key, const std::function<void(const std::string&, const JsonReader&)>& f) const;

  std::string text() const;
  bool boolean() const;
  std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
  std::uint64_t unsigned_integer(std::uint64_t maximum) const;

  std::string text(const char* key, std::string fallback = {}) const;
  bool boolean(const char* key, bool fallback) const;
  std::vector<std::string> texts(const char* key) const;

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  const nlohmann::json* value_;
  std::string place_;
};

}  // namespace vmtool::oci
