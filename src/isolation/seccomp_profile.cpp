#include "isolation/seccomp_profile.hpp"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "isolation/seccomp_default.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

using util::Errc;
using util::Error;

template <class Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr std::array known_actions{Named<std::uint32_t>{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
                                   Named<std::uint32_t>{"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0)},
                                   Named<std::uint32_t>{"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
                                   Named<std::uint32_t>{"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
                                   Named<std::uint32_t>{"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
                                   Named<std::uint32_t>{"SCMP_ACT_LOG", SCMP_ACT_LOG},
                                   Named<std::uint32_t>{"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0)},
                                   Named<std::uint32_t>{"SCMP_ACT_TRAP", SCMP_ACT_TRAP}};

constexpr std::array known_operators{Named<scmp_compare>{"SCMP_CMP_NE", SCMP_CMP_NE},
                                     Named<scmp_compare>{"SCMP_CMP_LT", SCMP_CMP_LT},
                                     Named<scmp_compare>{"SCMP_CMP_LE", SCMP_CMP_LE},
                                     Named<scmp_compare>{"SCMP_CMP_EQ", SCMP_CMP_EQ},
                                     Named<scmp_compare>{"SCMP_CMP_GE", SCMP_CMP_GE},
                                     Named<scmp_compare>{"SCMP_CMP_GT", SCMP_CMP_GT},
                                     Named<scmp_compare>{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}};

constexpr std::array known_architectures{Named<std::uint32_t>{"SCMP_ARCH_X86", SCMP_ARCH_X86},
                                         Named<std::uint32_t>{"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
                                         Named<std::uint32_t>{"SCMP_ARCH_X32", SCMP_ARCH_X32},
                                         Named<std::uint32_t>{"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
                                         Named<std::uint32_t>{"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
                                         Named<std::uint32_t>{"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS},
                                         Named<std::uint32_t>{"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64},
                                         Named<std::uint32_t>{"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32},
                                         Named<std::uint32_t>{"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL},
                                         Named<std::uint32_t>{"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64},
                                         Named<std::uint32_t>{"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
                                         Named<std::uint32_t>{"SCMP_ARCH_PPC", SCMP_ARCH_PPC},
                                         Named<std::uint32_t>{"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64},
                                         Named<std::uint32_t>{"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE},
                                         Named<std::uint32_t>{"SCMP_ARCH_S390", SCMP_ARCH_S390},
                                         Named<std::uint32_t>{"SCMP_ARCH_S390X", SCMP_ARCH_S390X},
                                         Named<std::uint32_t>{"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC},
                                         Named<std::uint32_t>{"SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64},
                                         Named<std::uint32_t>{"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64}};

constexpr std::array known_flags{Named<unsigned>{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
                                 Named<unsigned>{"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
                                 Named<unsigned>{"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW}};

/// Calls that this libseccomp has no number for, by name: profiles written for newer ones have them. Without a rule
/// they get the profile's default action.
constexpr std::array newer_calls{
    std::string_view("cachestat"),         std::string_view("fchmodat2"),         std::string_view("map_shadow_stack"),
    std::string_view("futex_wake"),        std::string_view("futex_wait"),        std::string_view("futex_requeue"),
    std::string_view("statmount"),         std::string_view("listmount"),         std::string_view("lsm_get_self_attr"),
    std::string_view("lsm_set_self_attr"), std::string_view("lsm_list_modules"),  std::string_view("mseal"),
    std::string_view("setxattrat"),        std::string_view("getxattrat"),        std::string_view("listxattrat"),
    std::string_view("removexattrat"),     std::string_view("open_tree_attr"),    std::string_view("file_getattr"),
    std::string_view("file_setattr"),      std::string_view("uretprobe"),         std::string_view("uprobe"),
    std::string_view("riscv_hwprobe"),     std::string_view("riscv_flush_icache")};

template <class Table>
auto look_up(const Table& table, std::string_view name, const char* kind) {
  for (const auto& item : table) {
    if (item.name == name) return item.value;
  }
  throw Error(Errc::invalid_input, fmt::format("seccomp has no {} '{}'", kind, name));
}

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> out;
  for (const auto& item : table) out.emplace_back(item.name);
  return out;
}

std::uint32_t action_value(const std::string& name, const std::optional<unsigned>& errno_value) {
  const std::uint32_t action = look_up(known_actions, name, "action");
  const std::uint32_t data = errno_value.value_or(EPERM);
  if (name == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(data);
  return name == "SCMP_ACT_TRACE" ? SCMP_ACT_TRACE(data) : action;
}

struct ProfileContext {
  scmp_filter_ctx value;
  explicit ProfileContext(std::uint32_t action) : value(::seccomp_init(action)) {
    if (value == nullptr) throw Error(Errc::invalid_input, "libseccomp refuses the profile's default action");
  }
  ProfileContext(const ProfileContext&) = delete;
  ProfileContext& operator=(const ProfileContext&) = delete;
  ~ProfileContext() { ::seccomp_release(value); }
};

void add_rule(const ProfileContext& context, const SyscallRule& rule, std::uint32_t default_action) {
  const std::uint32_t action = action_value(rule.action, rule.errno_value);
  if (action == default_action) return;  // libseccomp refuses what changes nothing
  std::vector<scmp_arg_cmp> arguments;
  for (const SyscallArgument& argument : rule.arguments) {
    if (argument.index > 5)
      throw Error(Errc::invalid_input, fmt::format("a system call has no argument {}", argument.index));
    arguments.push_back(
        {argument.index, look_up(known_operators, argument.operation, "operator"), argument.value, argument.value_two});
  }
  for (const std::string& name : rule.names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) {
      if (std::find(newer_calls.begin(), newer_calls.end(), name) != newer_calls.end()) continue;
      throw Error(Errc::invalid_input, fmt::format("seccomp has no system call '{}'", name));
    }
    const int added = ::seccomp_rule_add_array(context.value, action, number, static_cast<unsigned>(arguments.size()),
                                               arguments.data());
    if (added < 0 && added != -EDOM && added != -EFAULT) {
      throw Error(Errc::invalid_input, fmt::format("seccomp rule for '{}': {}", name, std::strerror(-added)));
    }
  }
}

}  // namespace

FilterProgram compile_profile(const SeccompProfile& profile) {
  const std::uint32_t action = action_value(profile.default_action, profile.default_errno);
  const ProfileContext context(action);
  for (const std::string& name : profile.architectures) {
    const int added = ::seccomp_arch_add(context.value, look_up(known_architectures, name, "architecture"));
    if (added < 0 && added != -EEXIST)
      throw Error(Errc::invalid_input, fmt::format("seccomp architecture '{}': {}", name, std::strerror(-added)));
  }
  ::seccomp_attr_set(context.value, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  for (const SyscallRule& rule : profile.rules) add_rule(context, rule, action);
  try {
    return export_filter(context.value);
  } catch (const std::runtime_error& error) {
    throw Error(Errc::invalid_input, fmt::format("the seccomp profile can't be compiled: {}", error.what()));
  }
}

std::string library_identity() {
  const scmp_version* const version = ::seccomp_version();
  return fmt::format("{}.{}.{}/{:x}", version->major, version->minor, version->micro, ::seccomp_arch_native());
}

unsigned filter_flags(const SeccompProfile& profile) {
  unsigned out = 0;
  for (const std::string& name : profile.flags) out |= look_up(known_flags, name, "filter flag");
  return out;
}

bool allows_everything(const SeccompProfile& profile) noexcept {
  if (profile.default_action != "SCMP_ACT_ALLOW") return false;
  for (const SyscallRule& rule : profile.rules) {
    if (rule.action != "SCMP_ACT_ALLOW") return false;
  }
  return true;
}

std::vector<std::string> seccomp_actions() { return names_of(known_actions); }
std::vector<std::string> seccomp_operators() { return names_of(known_operators); }
std::vector<std::string> seccomp_architectures() { return names_of(known_architectures); }

}  // namespace vmtool::isolation
