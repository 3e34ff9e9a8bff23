// Backups of running domains, and the guest's filesystems meanwhile.
#include <libvirt/libvirt.h>

#include <cstdlib>

#include <fmt/format.h>

#include "util/handle.hpp"
#include "virt/domain.hpp"
#include "virt/error.hpp"
#include "virt/handles.hpp"
#include "virt/session.hpp"

namespace vmtool::virt {
namespace {

constexpr std::chrono::seconds freeze_limit(30);

// What virDomainGetJobStats tells, with its parameters freed.
Job ask_for_job(virDomain* domain, unsigned flags, const std::string& what) {
  int type = VIR_DOMAIN_JOB_NONE;
  int count = 0;
  virTypedParameterPtr params = nullptr;
  check(virDomainGetJobStats(domain, &type, &params, &count, flags), what);
  Job job;
  unsigned long long value = 0;
  if (virTypedParamsGetULLong(params, count, VIR_DOMAIN_JOB_DISK_TOTAL, &value) == 1) job.total = value;
  if (virTypedParamsGetULLong(params, count, VIR_DOMAIN_JOB_DISK_PROCESSED, &value) == 1) job.done = value;
  virTypedParamsFree(params, count);
  job.is_running = type == VIR_DOMAIN_JOB_BOUNDED || type == VIR_DOMAIN_JOB_UNBOUNDED;
  job.is_complete = type == VIR_DOMAIN_JOB_COMPLETED;
  return job;
}

}  // namespace

void Domain::begin_backup(const std::string& xml) const {
  session_->call_long([d = handle_, xml, what = fmt::format("backing up domain '{}'", name_)] {
    check(virDomainBackupBegin(d.get(), xml.c_str(), nullptr, 0), what);
  });
}

std::string Domain::backup_xml() const {
  return session_->call([d = handle_, what = fmt::format("looking for a backup of domain '{}'", name_)] {
    const util::Handle<char, std::free> text(virDomainBackupGetXMLDesc(d.get(), 0));
    return text ? std::string(text.get()) : std::string();
  });
}

Job Domain::job() const {
  return session_->call([d = handle_, what = fmt::format("asking how far the job of domain '{}' is", name_)] {
    return ask_for_job(d.get(), 0, what);
  });
}

Job Domain::last_job() const {
  return session_->call([d = handle_, what = fmt::format("asking how the job of domain '{}' ended", name_)] {
    return ask_for_job(d.get(), VIR_DOMAIN_JOB_STATS_COMPLETED, what);
  });
}

void Domain::abort_job() const {
  session_->call([d = handle_, what = fmt::format("ending the job of domain '{}'", name_)] {
    check(virDomainAbortJob(d.get()), what);
  });
}

void Domain::freeze_filesystems() const {
  const std::string what = fmt::format("freezing the filesystems of domain '{}'", name_);
  if (!session_->call_guest(
          [d = handle_, what] {
            check(virDomainFSFreeze(d.get(), nullptr, 0, 0), what);
            return true;
          },
          freeze_limit)) {
    throw util::Error(util::Errc::unavailable, what + ": the guest agent does not answer");
  }
}

void Domain::thaw_filesystems() const {
  const std::string what = fmt::format("thawing the filesystems of domain '{}'", name_);
  if (!session_->call_guest(
          [d = handle_, what] {
            check(virDomainFSThaw(d.get(), nullptr, 0, 0), what);
            return true;
          },
          freeze_limit)) {
    throw util::Error(util::Errc::unavailable, what + ": the guest agent does not answer");
  }
}

}  // namespace vmtool::virt
