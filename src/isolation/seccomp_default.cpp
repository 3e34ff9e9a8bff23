#include "isolation/seccomp_default.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace vmtool::isolation {
namespace {

constexpr int never = -1;

/// Calls of one kind and the capability whose holder may use them.
struct Group {
  int capability;
  std::vector<const char*> calls;
};

// Sorted by what they reach. `never`: no container needs them, whatever it holds.
std::vector<Group> make_groups() {
  return {
      // kernel-wide keys, page-fault handlers in user space, rings that bypass this filter
      Group{never,
            {"add_key", "keyctl", "request_key", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
             "get_kernel_syms", "query_module", "create_module", "uselib", "ustat", "sysfs", "_sysctl", "nfsservctl",
             "kexec_load", "kexec_file_load"}},
      // mounts, old and new calls alike, and namespaces
      Group{CAP_SYS_ADMIN,
            {"mount",       "umount",         "umount2",       "pivot_root",  "open_tree",     "move_mount",
             "fsopen",      "fsconfig",       "fsmount",       "fspick",      "mount_setattr", "statmount",
             "listmount",   "unshare",        "setns",         "swapon",      "swapoff",       "quotactl",
             "quotactl_fd", "lookup_dcookie", "fanotify_init", "sethostname", "setdomainname"}},
      Group{CAP_BPF, {"bpf"}},
      Group{CAP_PERFMON, {"perf_event_open"}},
      Group{CAP_DAC_READ_SEARCH, {"open_by_handle_at", "name_to_handle_at"}},
      Group{CAP_SYS_PTRACE,
            {"kcmp", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise", "ptrace"}},
      Group{CAP_SYS_MODULE, {"init_module", "finit_module", "delete_module"}},
      Group{CAP_SYS_RAWIO, {"iopl", "ioperm"}},
      Group{CAP_SYS_TIME,
            {"settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64",
             "adjtimex"}},
      Group{CAP_SYS_BOOT, {"reboot"}},
      Group{CAP_SYS_PACCT, {"acct"}},
      Group{CAP_SYS_TTY_CONFIG, {"vhangup"}},
      Group{CAP_SYSLOG, {"syslog"}},
      Group{CAP_SYS_NICE,
            {"mbind", "set_mempolicy", "get_mempolicy", "migrate_pages", "move_pages", "set_mempolicy_home_node"}},
  };
}

// Every number up to this one is known to this file or to libseccomp; what is beyond answers ENOSYS. 64-bit tables
// reach file_setattr (469), whose dangerous neighbours libseccomp 2.5 has no names for.
constexpr unsigned last_known = 469;
struct NumberedCall {
  std::uint32_t number;
  int capability;
};
constexpr std::array numbered{
    NumberedCall{457, CAP_SYS_ADMIN},  // statmount
    NumberedCall{458, CAP_SYS_ADMIN},  // listmount
    NumberedCall{460, never},          // lsm_set_self_attr
    NumberedCall{467, CAP_SYS_ADMIN},  // open_tree_attr
    NumberedCall{468, CAP_SYS_ADMIN},  // file_getattr
    NumberedCall{469, CAP_SYS_ADMIN},  // file_setattr
};

constexpr std::uint64_t namespace_flags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                          CLONE_NEWPID | CLONE_NEWNET |
                                          0x80 /* CLONE_NEWTIME, without CSIGNAL's other bits */;

bool holds(std::uint64_t capabilities, int capability) {
  return capability != never && (capabilities & (std::uint64_t{1} << capability)) != 0;
}

void require(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(-result));
}

struct DefaultFilterContext {
  scmp_filter_ctx value;
  explicit DefaultFilterContext(std::uint32_t action) : value(::seccomp_init(action)) {
    if (value == nullptr) throw std::runtime_error("seccomp_init");
  }
  DefaultFilterContext(const DefaultFilterContext&) = delete;
  DefaultFilterContext& operator=(const DefaultFilterContext&) = delete;
  ~DefaultFilterContext() { ::seccomp_release(value); }
};

void refuse(const DefaultFilterContext& context, const char* name) {
  const int number = ::seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) return;
  const int added = ::seccomp_rule_add(context.value, SCMP_ACT_ERRNO(EPERM), number, 0);
  // A call that one of the two architectures lacks is no fault.
  if (added != -EDOM && added != -EFAULT) require(added, name);
}

void add_argument_rules(const DefaultFilterContext& context, std::uint64_t capabilities) {
  const auto eperm = SCMP_ACT_ERRNO(EPERM);
  if (!holds(capabilities, CAP_SYS_ADMIN)) {
    // The flags of clone3 lie in memory, where no filter sees them: programs fall back to clone, whose flags do not.
    require(::seccomp_rule_add(context.value, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
    for (std::uint64_t bit = 1; bit <= CLONE_NEWNET; bit <<= 1) {
      if ((namespace_flags & bit) == 0 || bit == 0x80) continue;
      const scmp_arg_cmp argument{0, SCMP_CMP_MASKED_EQ, bit, bit};
      require(::seccomp_rule_add_array(context.value, eperm, SCMP_SYS(clone), 1, &argument), "clone");
    }
  }
  // Typing into the caller's terminal. The kernel looks at the lower half of the request only.
  for (const std::uint64_t request : {0x5412U /* TIOCSTI */, 0x541CU /* TIOCLINUX */}) {
    const scmp_arg_cmp argument{1, SCMP_CMP_MASKED_EQ, 0xffffffff, request};
    require(::seccomp_rule_add_array(context.value, eperm, SCMP_SYS(ioctl), 1, &argument), "ioctl");
  }
  // Sockets to the hypervisor.
  const scmp_arg_cmp vsock{0, SCMP_CMP_MASKED_EQ, 0xffffffff, AF_VSOCK};
  require(::seccomp_rule_add_array(context.value, eperm, SCMP_SYS(socket), 1, &vsock), "socket");
}

/// The architectures that a container may run programs of.
std::vector<std::uint32_t> own_architectures() {
  const std::uint32_t native = ::seccomp_arch_native();
  if (native == SCMP_ARCH_X86_64) return {native, SCMP_ARCH_X86};
  return {native};
}

/// Answers ENOSYS for every number beyond the known ones (x32's lie there too) and for other architectures than the
/// two, before libseccomp's own program. Jumps are relative, so a prologue can be put in front.
std::vector<std::uint64_t> with_prologue(const std::vector<std::uint64_t>& program, std::uint64_t capabilities) {
  std::vector<std::uint64_t> out;
  const auto add = [&](sock_filter instruction) {
    std::uint64_t word = 0;
    std::memcpy(&word, &instruction, sizeof word);
    out.push_back(word);
  };
  add({BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)});
  add({BPF_JMP | BPF_JGT | BPF_K, 0, 1, last_known});
  add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS});
  for (const std::uint32_t architecture : own_architectures()) {
    const int number = ::seccomp_syscall_resolve_name_arch(architecture, "personality");
    // Linux, Linux32, each with or without UNAME26, and "tell me": libseccomp compares an argument once only.
    constexpr std::array<std::uint32_t, 5> allowed{0, 0x8, 0x20000, 0x20008, 0xffffffff};
    constexpr auto size = static_cast<std::uint8_t>(allowed.size());
    add({BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, arch)});
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, static_cast<std::uint8_t>(size + 4), architecture});
    add({BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)});
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, static_cast<std::uint8_t>(size + 2), static_cast<std::uint32_t>(number)});
    add({BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)});
    for (std::uint8_t index = 0; index < size; ++index) {
      add({BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint8_t>(size - index), 0, allowed[index]});
    }
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM});
  }
  add({BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)});
  // Both architectures count alike from 403 on, so these need no look at which one it is.
  for (const NumberedCall& call : numbered) {
    if (holds(capabilities, call.capability)) continue;
    add({BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call.number});
    add({BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM});
  }
  out.insert(out.end(), program.begin(), program.end());
  return out;
}

}  // namespace

std::vector<std::uint64_t> export_filter(void* context) {
  const int file = ::memfd_create("filter", MFD_CLOEXEC);
  if (file < 0) throw std::runtime_error("memfd_create");
  std::vector<std::uint64_t> program;
  const int exported = ::seccomp_export_bpf(context, file);
  if (exported == 0) {
    program.resize(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)) / sizeof(std::uint64_t));
    const auto size = program.size() * sizeof(std::uint64_t);
    if (::pread(file, program.data(), size, 0) != static_cast<ssize_t>(size)) program.clear();
  }
  ::close(file);
  require(exported, "seccomp_export_bpf");
  return program;
}

std::vector<std::uint64_t> compile_default_filter(std::uint64_t capabilities) {
  const DefaultFilterContext context(SCMP_ACT_ALLOW);
  for (const std::uint32_t architecture : own_architectures()) {
    const int added = ::seccomp_arch_add(context.value, architecture);
    if (added != -EEXIST) require(added, "seccomp_arch_add");
  }
  require(::seccomp_attr_set(context.value, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)), "bad architecture");
  require(::seccomp_attr_set(context.value, SCMP_FLTATR_CTL_OPTIMIZE, 2), "binary tree");
  for (const Group& group : make_groups()) {
    if (holds(capabilities, group.capability)) continue;
    for (const char* name : group.calls) refuse(context, name);
  }
  add_argument_rules(context, capabilities);
  return with_prologue(export_filter(context.value), capabilities);
}

}  // namespace vmtool::isolation
