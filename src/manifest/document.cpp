#include "manifest/document.hpp"

#include <fmt/format.h>

#include "manifest/tables.hpp"
#include "model/check.hpp"
#include "util/digest.hpp"
#include "util/text.hpp"

namespace vmtool::manifest {
namespace {

constexpr std::string_view version = "vmtool/v1";

std::optional<model::Object> empty_object(std::string_view kind) {
  for (model::Object object :
       {model::Object(model::VirtualMachine{}), model::Object(model::Network{}), model::Object(model::Volume{}),
        model::Object(model::Image{}), model::Object(model::Container{})}) {
    if (model::kind_of(object) == kind) return object;
  }
  return std::nullopt;
}

void check_version(const Node& mapping, Reading& reading) {
  const Node* node = mapping.find("apiVersion");
  if (node == nullptr || !reading.expect(*node, Node::Type::text, "apiVersion") || node->text == version) return;
  reading.fault(node->place, "apiVersion",
                fmt::format("'{}' is not a version of this language", util::printable(node->text, 60)),
                fmt::format("write {}, or leave the key out", version));
}

std::optional<model::Object> object_of_kind(const Node& mapping, Reading& reading) {
  const std::string choice = fmt::format("kinds are {}", util::join(kinds(), ", "));
  const Node* node = mapping.find("kind");
  if (node == nullptr) {
    reading.fault(mapping.place, "kind", "key 'kind' is missing", choice);
    if (mapping.find("name") == nullptr) reading.missing_key(mapping, "name", "name", "text");
    return std::nullopt;
  }
  if (!reading.expect(*node, Node::Type::text, "kind")) return std::nullopt;
  auto object = empty_object(node->text);
  if (!object) {
    const auto meant = util::nearest(node->text, kinds());
    reading.fault(node->place, "kind", fmt::format("unknown kind '{}'", util::printable(node->text, 60)),
                  meant ? fmt::format("did you mean '{}'? {}", *meant, choice) : choice);
  }
  return object;
}

}  // namespace

std::optional<model::Object> read_object(const Node& mapping, Reading& reading) {
  check_version(mapping, reading);
  auto object = object_of_kind(mapping, reading);
  if (!object) return std::nullopt;
  std::visit(
      [&]<class T>(T& value) {
        read_mapping(mapping, "", table<T>(), value, reading);
        for (model::Finding& finding : model::check(value)) reading.add(std::move(finding));
      },
      *object);
  return object;
}

std::string digest_of(const model::Object& object) {
  // NUL can't be part of a value, so no two objects have the same text.
  std::string text(model::kind_of(object));
  for (const auto& [path, value] : flatten(object)) {
    text += '\0';
    text += path;
    text += '\0';
    text += value;
  }
  return util::sha256_hex(text);
}

}  // namespace vmtool::manifest
