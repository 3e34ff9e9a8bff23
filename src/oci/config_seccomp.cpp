#include "oci/config_parts.hpp"

namespace vmtool::oci {
namespace {

isolation::SyscallRule read_rule(const JsonReader& item) {
  isolation::SyscallRule rule;
  rule.names = item.texts("names");
  if (rule.names.empty()) item.refuse("names no system call");
  rule.action = item.text("action");
  if (const auto value = item.find("errnoRet")) rule.errno_value = static_cast<unsigned>(value->unsigned_integer(4095));
  item.each("args", [&](const JsonReader& argument) {
    isolation::SyscallArgument out;
    const auto index = argument.find("index");
    const auto value = argument.find("value");
    if (!index || !value) argument.refuse("needs index, value and op");
    out.index = static_cast<unsigned>(index->unsigned_integer(5));
    out.value = value->unsigned_integer(UINT64_MAX);
    if (const auto second = argument.find("valueTwo")) out.value_two = second->unsigned_integer(UINT64_MAX);
    out.operation = argument.text("op");
    rule.arguments.push_back(std::move(out));
  });
  return rule;
}

}  // namespace

isolation::SeccompProfile read_seccomp(const JsonReader& seccomp) {
  isolation::SeccompProfile out;
  out.default_action = seccomp.text("defaultAction");
  if (out.default_action.empty()) seccomp.refuse("needs a defaultAction");
  if (const auto value = seccomp.find("defaultErrnoRet"))
    out.default_errno = static_cast<unsigned>(value->unsigned_integer(4095));
  out.architectures = seccomp.texts("architectures");
  out.flags = seccomp.texts("flags");
  if (!seccomp.text("listenerPath").empty())
    seccomp.find("listenerPath")->refuse("a seccomp listener is not available");
  seccomp.each("syscalls", [&](const JsonReader& item) { out.rules.push_back(read_rule(item)); });
  out.identity = seccomp.value().dump();
  return out;
}

}  // namespace vmtool::oci
