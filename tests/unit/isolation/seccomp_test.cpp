#include "isolation/seccomp.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cstring>
#include <filesystem>

#include "isolation/capability.hpp"
#include "isolation/seccomp_default.hpp"
#include "tests/support/temp_dir.hpp"
#include "util/error.hpp"

namespace vmtool::isolation {
namespace {

/// What the filter answers: the part of a BPF machine that seccomp programs use.
std::uint32_t answer(const FilterProgram& program, seccomp_data data) {
  std::uint32_t value = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&data);
  for (std::size_t at = 0; at < program.size(); ++at) {
    sock_filter instruction{};
    std::memcpy(&instruction, &program[at], sizeof instruction);
    const auto jump = [&](bool taken) { at += taken ? instruction.jt : instruction.jf; };
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS: std::memcpy(&value, bytes + instruction.k, sizeof value); break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump(value == instruction.k); break;
      case BPF_JMP | BPF_JGT | BPF_K: jump(value > instruction.k); break;
      case BPF_JMP | BPF_JGE | BPF_K: jump(value >= instruction.k); break;
      case BPF_JMP | BPF_JSET | BPF_K: jump((value & instruction.k) != 0); break;
      case BPF_JMP | BPF_JA: at += instruction.k; break;
      case BPF_ALU | BPF_AND | BPF_K: value &= instruction.k; break;
      case BPF_RET | BPF_K: return instruction.k;
      default: ADD_FAILURE() << "instruction " << instruction.code; return 0;
    }
  }
  ADD_FAILURE() << "the program has no end";
  return 0;
}

std::uint32_t ask(const FilterProgram& program, long number, std::uint64_t first = 0, std::uint64_t second = 0,
                  std::uint32_t architecture = AUDIT_ARCH_X86_64) {
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  data.arch = architecture;
  data.args[0] = first;
  data.args[1] = second;
  return answer(program, data);
}

constexpr std::uint32_t allow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t unknown = SECCOMP_RET_ERRNO | ENOSYS;

TEST(DefaultFilter, LetsOrdinaryProgramsWork) {
  const FilterProgram filter = default_filter(default_capabilities(), "");
  for (const long number : {SYS_read, SYS_execve, SYS_execveat, SYS_openat2, SYS_clone, SYS_futex, SYS_chown,
                            SYS_socket, SYS_ioctl, SYS_prctl, SYS_seccomp, SYS_personality}) {
    EXPECT_EQ(ask(filter, number), allow) << number;
  }
}

TEST(DefaultFilter, RefusesOldAndNewMountCallsAlike) {
  const FilterProgram filter = default_filter(default_capabilities(), "");
  for (const long number : {long{SYS_mount}, long{SYS_umount2}, long{SYS_pivot_root}, 428L, 429L, 430L, 431L, 432L,
                            433L, 442L, 457L, 458L, 467L})
    EXPECT_EQ(ask(filter, number), refused) << number;
}

TEST(DefaultFilter, RefusesWhatReachesTheKernel) {
  const FilterProgram filter = default_filter(default_capabilities(), "");
  for (const long number :
       {SYS_bpf, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_userfaultfd, SYS_io_uring_setup, SYS_perf_event_open,
        SYS_open_by_handle_at, SYS_kexec_load, SYS_init_module, SYS_reboot, SYS_ptrace, SYS_unshare, SYS_setns}) {
    EXPECT_EQ(ask(filter, number), refused) << number;
  }
}

TEST(DefaultFilter, LooksAtArguments) {
  const FilterProgram filter = default_filter(default_capabilities(), "");
  EXPECT_EQ(ask(filter, SYS_clone, CLONE_NEWUSER | SIGCHLD), refused);
  EXPECT_EQ(ask(filter, SYS_clone3), unknown);
  EXPECT_EQ(ask(filter, SYS_ioctl, 0, 0x5412), refused);
  EXPECT_EQ(ask(filter, SYS_ioctl, 0, 0x100005412), refused) << "the kernel looks at the lower half only";
  EXPECT_EQ(ask(filter, SYS_ioctl, 0, 0x541C), refused);
  EXPECT_EQ(ask(filter, SYS_socket, AF_VSOCK), refused);
  EXPECT_EQ(ask(filter, SYS_personality, 0x0400000), refused);
  EXPECT_EQ(ask(filter, SYS_personality, 0xffffffff), allow);
}

TEST(DefaultFilter, AnswersENOSYSToWhatItDoesNotKnow) {
  const FilterProgram filter = default_filter(default_capabilities(), "");
  for (const long number : {470L, 1000L, 0x40000000L + SYS_mount}) EXPECT_EQ(ask(filter, number), unknown) << number;
  EXPECT_EQ(ask(filter, SYS_read, 0, 0, AUDIT_ARCH_AARCH64), unknown);
}

TEST(DefaultFilter, Holds32BitProgramsToTheSameRules) {
  const FilterProgram filter = default_filter(default_capabilities(), "");
  EXPECT_EQ(ask(filter, 3 /* read */, 0, 0, AUDIT_ARCH_I386), allow);
  EXPECT_EQ(ask(filter, 21 /* mount */, 0, 0, AUDIT_ARCH_I386), refused);
  EXPECT_EQ(ask(filter, 310 /* unshare */, 0, 0, AUDIT_ARCH_I386), refused);
  EXPECT_EQ(ask(filter, 120 /* clone */, CLONE_NEWUSER, 0, AUDIT_ARCH_I386), refused);
}

TEST(DefaultFilter, ACapabilityUnlocksItsCalls) {
  const tests::TempDir directory;
  const std::string cache = (directory.path() / "cache").native();
  const FilterProgram filter = default_filter(default_capabilities() | capability_bit(21), cache);
  EXPECT_EQ(ask(filter, SYS_mount), allow);
  EXPECT_EQ(ask(filter, SYS_clone, CLONE_NEWUSER), allow);
  EXPECT_EQ(ask(filter, SYS_keyctl), refused);
  EXPECT_EQ(default_filter(default_capabilities() | capability_bit(21), cache), filter) << "from the cache";
}

SeccompProfile profile(const std::string& call) {
  SeccompProfile out;
  out.default_action = "SCMP_ACT_ALLOW";
  out.rules = {{{call}, "SCMP_ACT_ERRNO", 1, {}}};
  out.identity = call;
  return out;
}

TEST(ProfileFilter, IsCompiledOnceAndKept) {
  const tests::TempDir directory;
  const std::string cache = (directory.path() / "cache").native();
  const FilterProgram filter = profile_filter(profile("mkdirat"), cache);
  EXPECT_EQ(ask(filter, SYS_mkdirat), refused);
  ASSERT_EQ(std::distance(std::filesystem::directory_iterator(cache), {}), 1);
  EXPECT_EQ(std::filesystem::status(cache).permissions(), std::filesystem::perms::owner_all);
  EXPECT_EQ(profile_filter(profile("mkdirat"), cache), filter);
}

TEST(ProfileFilter, ACacheThatOthersCanWriteIsRefused) {
  const tests::TempDir directory;
  const std::string cache = (directory.path() / "cache").native();
  ::mkdir(cache.c_str(), 0755);
  EXPECT_THROW(profile_filter(profile("mkdirat"), cache), util::Error);
}

TEST(ProfileFilter, NamesWhatItDoesNotKnow) {
  EXPECT_THROW(profile_filter(profile("nosuchcall"), ""), util::Error);
  SeccompProfile wrong = profile("mkdirat");
  wrong.default_action = "SCMP_ACT_MAYBE";
  EXPECT_THROW(profile_filter(wrong, ""), util::Error);
}

TEST(ProfileFilter, TakesCallsThatAreNewerThanTheLibrary) { EXPECT_NO_THROW(profile_filter(profile("cachestat"), "")); }

}  // namespace
}  // namespace vmtool::isolation
