#pragma once
// The fields of every kind as data: what the reader, the documentation and the comparison of two objects work from.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/document.hpp"

namespace vmtool::manifest {

/// One row of a kind's table.
struct FieldDoc {
  std::string path;      ///< "disks[].capacity"
  std::string type;      ///< "size", "text", "one of: qcow2, raw", "list of mappings" …
  std::string fallback;  ///< the default as it would be written; empty: none
  bool required = false;
  std::string doc;  ///< one sentence
};

/// The kinds' words, e.g. "VirtualMachine", in the order of documentation.
std::vector<std::string> kinds();

/// All rows of a kind, nested ones after their parent.
std::vector<FieldDoc> fields_of(std::string_view kind);

/// Every field of an object that differs from its default, path → text as a manifest would write it; list items by
/// name where they have one: "disks[root].capacity" → "20GiB". A list of several named items shows their order too,
/// "disks" → "root, data", and a struct that is there with nothing but defaults is "{}". Two objects are the same wish
/// where the maps are equal.
std::map<std::string, std::string> flatten(const model::Object& object);

/// A document that reads as the object: templates and variables filled in, keys at their defaults left out, paths of the
/// host absolute. What is no manifest key of the object is lost.
std::string write_document(const model::Object& object);

}  // namespace vmtool::manifest
