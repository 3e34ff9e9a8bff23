#include "model/document.hpp"

namespace vmtool::model {
namespace {

constexpr std::string_view kind(const VirtualMachine&) { return "VirtualMachine"; }
constexpr std::string_view kind(const Network&) { return "Network"; }
constexpr std::string_view kind(const Volume&) { return "Volume"; }
constexpr std::string_view kind(const Image&) { return "Image"; }
constexpr std::string_view kind(const Container&) { return "Container"; }

}  // namespace

std::string_view kind_of(const Object& object) {
  return std::visit([](const auto& value) { return kind(value); }, object);
}

const std::string& name_of(const Object& object) {
  return std::visit([](const auto& value) -> const std::string& { return value.name; }, object);
}

}  // namespace vmtool::model
