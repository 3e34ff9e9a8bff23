#pragma once
// Results on standard output, in the format that the user chose.

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/session.hpp"

namespace vmtool::cli {

using Json = nlohmann::ordered_json;

/// A text, or null where it is empty.
Json or_null(const std::string& text);

/// A column of the table: its title, and the text of a row's cell ("-" is printed for an empty one).
struct Column {
  std::string title;
  std::function<std::string(const Json& row)> cell;
};

/// Rows of one kind. In JSON and YAML the root is a record with one list named `root`; a field that has no value is null.
struct Listing {
  std::string root;
  std::vector<Column> columns;
  std::vector<Json> rows;
  std::string name_key = "name";  ///< the field that -o name prints
};
void print(const Listing& listing, OutputFormat format);

/// One record; the table has a line a field, lists a line an item.
void print_record(const Json& record, OutputFormat format);

/// YAML 1.2 block style of a JSON value; every text in double quotes where a plain one could be misread. Ends with a newline.
std::string to_yaml(const Json& value);

/// The column of a text or number field.
Column field(const std::string& title, const std::string& key);

}  // namespace vmtool::cli
