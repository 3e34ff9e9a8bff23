#include "ops/live_backup.hpp"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "util/error.hpp"
#include "util/undo.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {
namespace {

constexpr auto pause = std::chrono::milliseconds(50);

bool may_freeze(const virt::Domain& domain) {
  return xml::read_domain(domain.xml(virt::Flavor::current)).guest_agent &&
         domain.state() == virt::DomainState::running;
}

bool try_to_freeze(const virt::Domain& domain, util::Reporter& reporter) {
  std::string reason = "it has no guest agent";
  if (may_freeze(domain)) {
    try {
      domain.freeze_filesystems();
      return true;
    } catch (const util::Error& error) {
      reason = error.message();
    }
  }
  reporter.warn(fmt::format("the copy of '{}' is as a power cut would leave it: {}", domain.name(), reason));
  return false;
}

void begin(const virt::Domain& domain, const std::vector<xml::BackupDisk>& disks, util::Reporter& reporter) {
  bool is_frozen = false;
  // An answer that did not come may have meant that they are frozen: they are thawed in any case.
  util::Undo thaw([&](const std::string& what, const std::string& why) {
    if (is_frozen) reporter.warn(fmt::format("could not {}: {}", what, why));
  });
  thaw.add(fmt::format("thaw the filesystems of '{}'", domain.name()), [&] { domain.thaw_filesystems(); });
  is_frozen = try_to_freeze(domain, reporter);
  domain.begin_backup(xml::write_backup(disks));
}

}  // namespace

void back_up(const virt::Domain& domain, const std::vector<xml::BackupDisk>& disks, util::Reporter& reporter,
             const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
  begin(domain, disks, reporter);
  util::Undo stop([&](const std::string& what, const std::string& why) {
    reporter.warn(fmt::format("could not {}: {}", what, why));
  });
  stop.add("end the backup", [&] { end_backup(domain, disks.front().path); });
  for (;;) {
    const virt::Job job = domain.job();
    if (!job.is_running) break;
    progress(job.done, job.total);
    std::this_thread::sleep_for(pause);
  }
  stop.commit();
  if (!domain.last_job().is_complete)
    throw util::Error(util::Errc::io, fmt::format("the backup of '{}' did not come to its end", domain.name()))
        .hint("its pool may be full; QEMU's log says more");
}

void undo_backup(const virt::Domain& domain, const std::string& path) {
  try {
    if (may_freeze(domain)) domain.thaw_filesystems();
  } catch (const util::Error&) {
    // An agent that does not answer has not frozen anything: a frozen guest's agent goes on answering.
  }
  end_backup(domain, path);
}

void end_backup(const virt::Domain& domain, const std::string& path) {
  const auto runs = [&] { return domain.backup_xml().find(path) != std::string::npos; };
  if (!runs()) return;
  try {
    domain.abort_job();
  } catch (const util::Error&) {
    // It may have come to its end meanwhile.
    if (runs()) throw;
  }
  // The file is QEMU's until the job is gone.
  while (domain.job().is_running) std::this_thread::sleep_for(pause);
}

}  // namespace vmtool::ops
