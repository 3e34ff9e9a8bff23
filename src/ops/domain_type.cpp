#include "ops/domain_type.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "ops/remembered.hpp"
#include "util/command.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

namespace vmtool::ops {
namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::Error;

constexpr std::chrono::milliseconds probe_limit{3'000};

std::optional<KvmVerdict> remembered() {
  const auto lines = util::split(recall("kvm", boot_id()).value_or(""), '\n');
  if (lines.size() < 2) return std::nullopt;
  return KvmVerdict{lines[0] == "works", lines[1]};
}

std::optional<fs::path> newest_kernel() {
  std::vector<fs::path> kernels;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator("/boot", failure)) {
    const std::string name = entry.path().filename().native();
    if (name.starts_with("vmlinuz") && ::access(entry.path().c_str(), R_OK) == 0) kernels.push_back(entry.path());
  }
  if (kernels.empty()) return std::nullopt;
  return *std::max_element(kernels.begin(), kernels.end());
}

KvmVerdict fresh_verdict() {
  const util::Fd device(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (!device) return {false, errno == ENOENT ? "/dev/kvm is missing" : "/dev/kvm can't be opened"};
  const auto kernel = newest_kernel();
  if (!kernel) return {true, "not tried: no kernel in /boot can be read"};
  return probe_kvm(*kernel);
}

// Reads until the kernel's own first words; the firmware writes nothing to the serial port.
bool has_output(int descriptor, std::chrono::steady_clock::time_point end) {
  std::array<char, 256> buffer{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd wait{descriptor, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(left)) <= 0) continue;
    return ::read(descriptor, buffer.data(), buffer.size()) > 0;
  }
}

}  // namespace

KvmVerdict probe_kvm(const fs::path& kernel) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw util::SysError(errno, "making a pipe");
  const util::Fd read_end(ends[0]);
  util::Fd write_end(ends[1]);
  const util::Command command{.args = {"qemu-system-x86_64",
                                       "-accel",
                                       "kvm",
                                       "-cpu",
                                       "host",
                                       "-machine",
                                       "q35",
                                       "-m",
                                       "128",
                                       "-nodefaults",
                                       "-no-user-config",
                                       "-display",
                                       "none",
                                       "-no-reboot",
                                       "-serial",
                                       "stdio",
                                       "-kernel",
                                       kernel.native(),
                                       "-append",
                                       "console=ttyS0 earlyprintk=serial,ttyS0 panic=-1"}};
  try {
    util::Child child = util::spawn(command, {-1, write_end.get(), -1});
    write_end.reset();
    if (has_output(read_end.get(), std::chrono::steady_clock::now() + probe_limit)) return {true, ""};
    return {false, child.poll() ? "QEMU can't start a guest under KVM" : "a kernel hangs under KVM"};
  } catch (const Error& error) {
    return {false, error.message()};
  }
}

KvmVerdict kvm_verdict() {
  if (auto known = remembered()) return *known;
  const KvmVerdict verdict = fresh_verdict();
  remember("kvm", boot_id(), fmt::format("{}\n{}\n", verdict.works ? "works" : "broken", verdict.reason));
  return verdict;
}

void require_kvm(const std::string& machine) {
  const KvmVerdict verdict = kvm_verdict();
  if (verdict.works) return;
  throw Error(Errc::unavailable, fmt::format("machine '{}' is defined for KVM, which does not work on this host: {}",
                                             machine, verdict.reason))
      .hint("define it again with --domain-type qemu (software emulation)");
}

model::DomainType choose_domain_type(const virt::Connection& connection, util::Reporter& reporter) {
  if (connection.is_local()) {
    const KvmVerdict verdict = kvm_verdict();
    if (!verdict.works)
      reporter.warn(fmt::format(
          "KVM does not work on this host ({}): machines run under software emulation, which is slow", verdict.reason));
    else if (!verdict.reason.empty())
      reporter.warn(fmt::format("KVM is believed to work on this host ({})", verdict.reason));
    return verdict.works ? model::DomainType::kvm : model::DomainType::qemu;
  }
  try {
    connection.domain_capabilities("kvm");
    reporter.warn("the remote host offers KVM; whether guests really run under it was not tried");
    return model::DomainType::kvm;
  } catch (const Error&) {
    reporter.warn("the remote host offers no KVM: machines run under software emulation, which is slow");
    return model::DomainType::qemu;
  }
}

}  // namespace vmtool::ops
