#include "oci/json_reader.hpp"

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::oci {

using util::Errc;
using util::Error;

nlohmann::json JsonReader::parse(std::string_view text, const std::string& name) {
  // nlohmann keeps the last of two members with one name; a reader that keeps the first would see another container.
  std::vector<std::vector<std::string>> keys;
  std::string twice;
  constexpr int deepest = 64;
  bool too_deep = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > deepest) too_deep = true;
    if (event == Event::object_start) {
      keys.emplace_back();
    } else if (event == Event::object_end) {
      keys.pop_back();
    } else if (event == Event::key && !keys.empty()) {
      const std::string key = parsed.get<std::string>();
      for (const std::string& other : keys.back()) {
        if (other == key) twice = key;
      }
      if (keys.back().size() < 64) keys.back().push_back(key);
    }
    return !too_deep;
  };
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    throw Error(Errc::invalid_input, fmt::format("'{}' is no JSON: {}", name, util::printable(error.what(), 300)));
  }
  if (too_deep) throw Error(Errc::invalid_input, fmt::format("'{}' is nested deeper than {} levels", name, deepest));
  if (!twice.empty())
    throw Error(Errc::invalid_input, fmt::format("'{}' has the member '{}' twice", name, util::printable(twice)));
  return document;
}

void JsonReader::refuse(const std::string& why) const {
  throw Error(Errc::invalid_input,
              fmt::format("{}: {}", place_.empty() ? "the document" : util::printable(place_), why));
}

std::optional<JsonReader> JsonReader::find(const char* key) const {
  if (!value_->is_object()) refuse("must be an object");
  const auto found = value_->find(key);
  if (found == value_->end() || found->is_null()) return std::nullopt;
  return JsonReader(*found, place_.empty() ? key : place_ + "." + key);
}

void JsonReader::each(const char* key, const std::function<void(const JsonReader&)>& f) const {
  const auto list = find(key);
  if (!list) return;
  if (!list->value_->is_array()) list->refuse("must be an array");
  std::size_t index = 0;
  for (const auto& item : *list->value_) f(JsonReader(item, fmt::format("{}[{}]", list->place_, index++)));
}

void JsonReader::each_member(const char* key,
                             const std::function<void(const std::string&, const JsonReader&)>& f) const {
  const auto object = find(key);
  if (!object) return;
  if (!object->value_->is_object()) object->refuse("must be an object");
  for (auto item = object->value_->begin(); item != object->value_->end(); ++item) {
    f(item.key(), JsonReader(item.value(), object->place_ + "." + item.key()));
  }
}

std::string JsonReader::text() const {
  if (!value_->is_string()) refuse("must be a string");
  auto out = value_->get<std::string>();
  if (out.find('\0') != std::string::npos) refuse("has a NUL character");
  return out;
}

bool JsonReader::boolean() const {
  if (!value_->is_boolean()) refuse("must be true or false");
  return value_->get<bool>();
}

std::int64_t JsonReader::integer(std::int64_t minimum, std::int64_t maximum) const {
  if (!value_->is_number_integer()) refuse("must be a whole number");
  const bool fits = !value_->is_number_unsigned() || value_->get<std::uint64_t>() <= INT64_MAX;
  const std::int64_t number = fits ? value_->get<std::int64_t>() : INT64_MAX;
  if (!fits || number < minimum || number > maximum)
    refuse(fmt::format("must lie between {} and {}", minimum, maximum));
  return number;
}

std::uint64_t JsonReader::unsigned_integer(std::uint64_t maximum) const {
  if (!value_->is_number_unsigned()) refuse("must be a whole number that is not negative");
  const auto number = value_->get<std::uint64_t>();
  if (number > maximum) refuse(fmt::format("must be at most {}", maximum));
  return number;
}

std::string JsonReader::text(const char* key, std::string fallback) const {
  const auto found = find(key);
  return found ? found->text() : std::move(fallback);
}

bool JsonReader::boolean(const char* key, bool fallback) const {
  const auto found = find(key);
  return found ? found->boolean() : fallback;
}

std::vector<std::string> JsonReader::texts(const char* key) const {
  std::vector<std::string> out;
  each(key, [&](const JsonReader& item) { out.push_back(item.text()); });
  return out;
}

}  // namespace vmtool::oci
