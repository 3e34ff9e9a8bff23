#include "manifest/fields.hpp"

#include "manifest/tables.hpp"

namespace vmtool::manifest {
namespace {

// Every kind once, in the order of documentation.
template <class F>
void for_each_kind(F&& visit) {
  visit(model::VirtualMachine{});
  visit(model::Network{});
  visit(model::Volume{});
  visit(model::Image{});
  visit(model::Container{});
}

}  // namespace

std::vector<std::string> kinds() {
  std::vector<std::string> out;
  for_each_kind([&](const auto& value) { out.emplace_back(model::kind_of(value)); });
  return out;
}

std::vector<FieldDoc> fields_of(std::string_view kind) {
  std::vector<FieldDoc> out;
  for_each_kind([&]<class T>(const T& value) {
    if (model::kind_of(value) == kind) describe(table<T>(), "", out);
  });
  return out;
}

std::map<std::string, std::string> flatten(const model::Object& object) {
  Flat out;
  std::visit([&]<class T>(const T& value) { flatten_struct(value, "", out); }, object);
  return out;
}

std::string write_document(const model::Object& object) {
  Written document{Written::Type::mapping, {}, {}, {}};
  document.members.emplace_back("kind", Written{Written::Type::text, std::string(model::kind_of(object)), {}, {}});
  Written rest = std::visit([](const auto& value) { return write_value(value); }, object);
  for (auto& member : rest.members) document.members.push_back(std::move(member));
  return to_yaml(document);
}

}  // namespace vmtool::manifest
