#pragma once
// A kind's fields as one table. From it come reading, the check for unknown keys, the documentation and the text of an
// object: a field is written down once, its type and its default follow from the model's member.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/fields.hpp"
#include "manifest/flat.hpp"
#include "manifest/node.hpp"
#include "manifest/reading.hpp"
#include "manifest/value.hpp"
#include "manifest/written.hpp"

namespace vmtool::manifest {

/// What a field's type does not say.
struct Rules {
  bool required = false;
  std::string_view word_for_default{};  ///< "auto": leaves the member as it is
  bool may_be_empty = false;            ///< "" is a value
  bool is_host_path = false;            ///< relative to the file that it stands in, made absolute
};

/// One row of the table of T.
template <class T>
struct Field {
  std::string name;
  std::string type;
  std::string fallback;
  std::string doc;
  bool required = false;
  std::function<void(const Node&, const std::string& path, T&, Reading&)> read;
  std::function<void(const T&, const std::string& path, Flat&)> flatten;
  std::function<void(const std::string& path, std::vector<FieldDoc>&)> describe_below;
  std::function<void(const T&, Written&)> write;  ///< adds the key where it is not at its default
};

template <class T>
using Table = std::vector<Field<T>>;

/// The table of a struct; specialised beside its fields and declared in tables.hpp.
template <class T>
const Table<T>& table();

template <class V>
struct IsOptional : std::false_type {};
template <class V>
struct IsOptional<std::optional<V>> : std::true_type {};
template <class V>
struct IsList : std::false_type {};
template <class V>
struct IsList<std::vector<V>> : std::true_type {};

using TextMap = std::map<std::string, std::string>;

// Reading ------------------------------------------------------------------------------------------------------------

template <class T>
void read_mapping(const Node& node, const std::string& path, const Table<T>& fields, T& out, Reading& reading) {
  if (!reading.expect(node, Node::Type::mapping, path)) return;
  for (const Member& member : node.members) {
    const std::string below = join_path(path, member.key);
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const Field<T>& row) { return row.name == member.key; });
    if (field == fields.end()) {
      std::vector<std::string> names;
      for (const Field<T>& row : fields) names.push_back(row.name);
      reading.unknown_key(member, below, names);
    } else if (field->read) {
      reading.note(below, member.value->place);
      field->read(*member.value, below, out, reading);
    }
  }
  for (const Field<T>& row : fields) {
    if (row.required && node.find(row.name) == nullptr)
      reading.missing_key(node, join_path(path, row.name), row.name, row.type);
  }
}

template <class V>
void read_value(const Node& node, const std::string& path, const Rules& rules, V& out, Reading& reading) {
  if (!rules.word_for_default.empty() && node.type == Node::Type::text && node.text == rules.word_for_default) return;
  if constexpr (IsOptional<V>::value) {
    typename V::value_type value{};
    const std::size_t faults = reading.fault_count();
    read_value(node, path, rules, value, reading);
    // A struct is kept for the rules over its good parts; half a scalar is nothing.
    if (!Scalar<typename V::value_type> || reading.fault_count() == faults) out = std::move(value);
  } else if constexpr (Scalar<V>) {
    if (!reading.expect(node, Node::Type::text, path)) return;
    reading.guard(node, path, [&] {
      if (node.text.empty() && !rules.may_be_empty) reading.refuse_empty();
      out = Value<V>::read(node.text);
      if constexpr (std::is_same_v<V, std::string>) {
        if (rules.is_host_path) out = absolute_path(out, node.place);
      }
    });
  } else if constexpr (IsList<V>::value) {
    if (!reading.expect(node, Node::Type::list, path)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const std::string below = item_path(path, i);
      reading.note(below, node.items[i]->place);
      const Rules rules_of_item{.may_be_empty = rules.may_be_empty, .is_host_path = rules.is_host_path};
      read_value(*node.items[i], below, rules_of_item, out.emplace_back(), reading);
    }
  } else if constexpr (std::is_same_v<V, TextMap>) {
    if (!reading.expect(node, Node::Type::mapping, path)) return;
    for (const Member& member : node.members) {
      const std::string below = join_path(path, member.key);
      reading.note(below, member.value->place);
      read_value(*member.value, below, {.may_be_empty = true}, out[member.key], reading);
    }
  } else {
    read_mapping(node, path, table<V>(), out, reading);
  }
}

// Writing ------------------------------------------------------------------------------------------------------------

template <class T>
void flatten_struct(const T& value, const std::string& path, Flat& out) {
  for (const Field<T>& row : table<T>()) {
    if (row.flatten) row.flatten(value, join_path(path, row.name), out);
  }
}

// As flatten_struct, but what equals its default in everything still shows that it is there.
template <class T>
void flatten_present(const T& value, const std::string& path, Flat& out) {
  const std::size_t before = out.size();
  flatten_struct(value, path, out);
  if (out.size() == before) out[path] = "{}";
}

template <class V>
void flatten_value(const V& value, const V& fallback, const std::string& path, Flat& out) {
  if constexpr (IsOptional<V>::value) {
    if (!value) return;
    using Held = typename V::value_type;
    if constexpr (Scalar<Held>) {
      out[path] = Value<Held>::write(*value);
    } else if constexpr (IsList<Held>::value) {
      if (value->empty()) out[path] = "[]";
      else flatten_value(*value, Held{}, path, out);
    } else {
      flatten_present(*value, path, out);
    }
  } else if constexpr (Scalar<V>) {
    if (value != fallback) out[path] = Value<V>::write(value);
  } else if constexpr (IsList<V>::value) {
    if constexpr (Scalar<typename V::value_type>) {
      for (std::size_t i = 0; i < value.size(); ++i)
        out[item_path(path, i)] = Value<typename V::value_type>::write(value[i]);
    } else {
      const ItemNames names(value);
      if (names.usable() && value.size() > 1) out[path] = names.joined();
      for (std::size_t i = 0; i < value.size(); ++i) {
        flatten_present(value[i], names.usable() ? path + "[" + names[i] + "]" : item_path(path, i), out);
      }
    }
  } else if constexpr (std::is_same_v<V, TextMap>) {
    for (const auto& [key, text] : value) out[join_path(path, key)] = text;
  } else {
    flatten_struct(value, path, out);
  }
}

// The document again ----------------------------------------------------------------------------------------------------

template <class V>
Written write_value(const V& value) {
  if constexpr (Scalar<V>) {
    return {Written::Type::text, Value<V>::write(value), {}, {}};
  } else if constexpr (IsList<V>::value) {
    Written out{Written::Type::list, {}, {}, {}};
    for (const auto& item : value) out.items.push_back(write_value(item));
    return out;
  } else if constexpr (std::is_same_v<V, TextMap>) {
    Written out{Written::Type::mapping, {}, {}, {}};
    for (const auto& [key, text] : value) out.members.emplace_back(key, Written{Written::Type::text, text, {}, {}});
    return out;
  } else {
    Written out{Written::Type::mapping, {}, {}, {}};
    for (const auto& row : table<V>()) {
      if (row.write) row.write(value, out);
    }
    return out;
  }
}

template <class V>
void write_member(const std::string& name, const V& value, const V& fallback, const Rules& rules, Written& out) {
  if constexpr (IsOptional<V>::value) {
    if (value) out.members.emplace_back(name, write_value(*value));
  } else if (value != fallback || rules.required) {
    out.members.emplace_back(name, write_value(value));
  }
}

// Documentation ------------------------------------------------------------------------------------------------------

template <class T>
void describe(const Table<T>& fields, const std::string& path, std::vector<FieldDoc>& out) {
  for (const Field<T>& row : fields) {
    const std::string below = join_path(path, row.name);
    out.push_back({below, row.type, row.fallback, row.required, row.doc});
    if (row.describe_below) row.describe_below(below, out);
  }
}

template <class V>
std::string type_of() {
  if constexpr (IsOptional<V>::value) return type_of<typename V::value_type>();
  else if constexpr (Scalar<V>) return Value<V>::type();
  else if constexpr (std::is_same_v<V, TextMap>) return "mapping of text";
  else if constexpr (IsList<V>::value)
    return Scalar<typename V::value_type> ? "list of " + type_of<typename V::value_type>() : "list of mappings";
  else return "mapping";
}

template <class V>
void describe_value(const std::string& path, std::vector<FieldDoc>& out) {
  if constexpr (IsOptional<V>::value) describe_value<typename V::value_type>(path, out);
  else if constexpr (IsList<V>::value) describe_value<typename V::value_type>(path + "[]", out);
  else if constexpr (!Scalar<V> && !std::is_same_v<V, TextMap>) describe(table<V>(), path, out);
}

template <class V>
std::string fallback_of(const V& fallback, const Rules& rules) {
  if (!rules.word_for_default.empty()) return std::string(rules.word_for_default);
  if constexpr (Scalar<V>) {
    if (!rules.required) return Value<V>::write(fallback);
  }
  return {};
}

// Making rows --------------------------------------------------------------------------------------------------------

/// A field that is a member of T; everything but its name, meaning and rules follows from the member.
template <class T, class V>
Field<T> field(std::string name, V T::*member, std::string doc, Rules rules = {}) {
  const T fallback{};
  const std::string row_name = name;
  return {
      .name = std::move(name),
      .type = type_of<V>(),
      .fallback = fallback_of(fallback.*member, rules),
      .doc = std::move(doc),
      .required = rules.required,
      .read = [member, rules](const Node& node, const std::string& path, T& out,
                              Reading& reading) { read_value(node, path, rules, out.*member, reading); },
      .flatten = [member, initial = fallback.*member](const T& value, const std::string& path,
                                                      Flat& out) { flatten_value(value.*member, initial, path, out); },
      .describe_below = describe_value<V>,
      .write = [member, rules, name_ = row_name, initial = fallback.*member](
                   const T& value, Written& out) { write_member(name_, value.*member, initial, rules, out); },
  };
}

/// A mapping whose keys are members of T itself.
template <class T>
Field<T> group(std::string name, std::string doc, Table<T> fields, Rules rules = {}) {
  const std::string row_name = name;
  return {
      .name = std::move(name),
      .type = "mapping",
      .fallback = {},
      .doc = std::move(doc),
      .required = rules.required,
      .read = [fields](const Node& node, const std::string& path, T& out,
                       Reading& reading) { read_mapping(node, path, fields, out, reading); },
      .flatten =
          [fields](const T& value, const std::string& path, Flat& out) {
            for (const Field<T>& row : fields) row.flatten(value, join_path(path, row.name), out);
          },
      .describe_below = [fields](const std::string& path, std::vector<FieldDoc>& out) { describe(fields, path, out); },
      .write =
          [fields, row_name](const T& value, Written& out) {
            Written below{Written::Type::mapping, {}, {}, {}};
            for (const Field<T>& row : fields) row.write(value, below);
            if (!below.members.empty()) out.members.emplace_back(row_name, std::move(below));
          },
  };
}

/// A kind's own fields behind the ones that every document has, which are read before its kind is known.
template <class T>
Table<T> with_frame(Table<T> own) {
  Table<T> all{
      {"apiVersion", "text", "vmtool/v1", "The version of this language.", false, {}, {}, {}, {}},
      {"kind", "text", "", "What the document describes.", true, {}, {}, {}, {}},
      {"base",
       "text",
       "",
       "A template to inherit from: mappings merge, lists of named items merge by name, other lists replace.",
       false,
       {},
       {},
       {},
       {}},
  };
  for (Field<T>& row : own) all.push_back(std::move(row));
  return all;
}

}  // namespace vmtool::manifest
