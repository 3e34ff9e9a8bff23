#include "isolation/capability.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace vmtool::isolation {
namespace {

constexpr std::array<std::string_view, 41> names{"CAP_CHOWN",
                                                 "CAP_DAC_OVERRIDE",
                                                 "CAP_DAC_READ_SEARCH",
                                                 "CAP_FOWNER",
                                                 "CAP_FSETID",
                                                 "CAP_KILL",
                                                 "CAP_SETGID",
                                                 "CAP_SETUID",
                                                 "CAP_SETPCAP",
                                                 "CAP_LINUX_IMMUTABLE",
                                                 "CAP_NET_BIND_SERVICE",
                                                 "CAP_NET_BROADCAST",
                                                 "CAP_NET_ADMIN",
                                                 "CAP_NET_RAW",
                                                 "CAP_IPC_LOCK",
                                                 "CAP_IPC_OWNER",
                                                 "CAP_SYS_MODULE",
                                                 "CAP_SYS_RAWIO",
                                                 "CAP_SYS_CHROOT",
                                                 "CAP_SYS_PTRACE",
                                                 "CAP_SYS_PACCT",
                                                 "CAP_SYS_ADMIN",
                                                 "CAP_SYS_BOOT",
                                                 "CAP_SYS_NICE",
                                                 "CAP_SYS_RESOURCE",
                                                 "CAP_SYS_TIME",
                                                 "CAP_SYS_TTY_CONFIG",
                                                 "CAP_MKNOD",
                                                 "CAP_LEASE",
                                                 "CAP_AUDIT_WRITE",
                                                 "CAP_AUDIT_CONTROL",
                                                 "CAP_SETFCAP",
                                                 "CAP_MAC_OVERRIDE",
                                                 "CAP_MAC_ADMIN",
                                                 "CAP_SYSLOG",
                                                 "CAP_WAKE_ALARM",
                                                 "CAP_BLOCK_SUSPEND",
                                                 "CAP_AUDIT_READ",
                                                 "CAP_PERFMON",
                                                 "CAP_BPF",
                                                 "CAP_CHECKPOINT_RESTORE"};

}  // namespace

std::optional<unsigned> find_capability(std::string_view name) {
  std::string wanted(name);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (!wanted.starts_with("CAP_")) wanted.insert(0, "CAP_");
  const auto* const found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin());
}

std::string_view capability_name(unsigned number) noexcept {
  return number < names.size() ? names[number] : std::string_view{};
}

std::vector<std::string> capability_names() { return {names.begin(), names.end()}; }

std::uint64_t default_capabilities() noexcept {
  std::uint64_t mask = 0;
  for (const int number : {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID,
                           CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_SETFCAP}) {
    mask |= capability_bit(static_cast<unsigned>(number));
  }
  return mask;
}

std::uint64_t own_bounding_set() noexcept {
  std::uint64_t mask = 0;
  for (unsigned number = 0; number < 64; ++number) {
    const int held = ::prctl(PR_CAPBSET_READ, number, 0, 0, 0);
    if (held < 0) break;
    if (held == 1) mask |= capability_bit(number);
  }
  return mask;
}

Outcome drop_bounding_set(std::uint64_t keep) noexcept {
  for (unsigned number = 0; number < 64; ++number) {
    if ((keep & capability_bit(number)) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;  // beyond the last one that this kernel knows
    return Outcome::last_error("dropping a capability from the bounding set");
  }
  return {};
}

Outcome set_capabilities(const Capabilities& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  for (unsigned half = 0; half < 2; ++half) {
    data[half].effective = static_cast<std::uint32_t>(sets.effective >> (32 * half));
    data[half].permitted = static_cast<std::uint32_t>(sets.permitted >> (32 * half));
    data[half].inheritable = static_cast<std::uint32_t>(sets.inheritable >> (32 * half));
  }
  if (::syscall(SYS_capset, &header, data) != 0) return Outcome::last_error();
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return Outcome::last_error("clearing the ambient set");
  for (unsigned number = 0; number < 64; ++number) {
    if ((sets.ambient & capability_bit(number)) == 0) continue;
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0) {
      return Outcome::last_error("raising an ambient capability");
    }
  }
  return {};
}

}  // namespace vmtool::isolation
