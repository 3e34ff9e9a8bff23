#pragma once
// The disks of a running machine, copied as they are at one moment.

#include <functional>
#include <string>
#include <vector>

#include "util/reporter.hpp"
#include "virt/domain.hpp"
#include "xml/backup.hpp"

namespace vmtool::ops {

/// Copies the disks by a job of QEMU's while the machine runs on. Where it has a guest agent, its filesystems are frozen for the moment at which the
/// job begins, so that the copies are whole; else they are what a power cut would leave, and a warning says so. What `progress`
/// throws ends the job. Throws what libvirt throws, Error{io} where the job ends badly.
void back_up(const virt::Domain& domain, const std::vector<xml::BackupDisk>& disks, util::Reporter& reporter,
             const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

/// After a run that failed or was killed: thaws the filesystems, which it may have left frozen, and ends the backup that writes to `path`, where it still runs.
void undo_backup(const virt::Domain& domain, const std::string& path);

/// Ends the backup that writes to `path`, where it still runs.
void end_backup(const virt::Domain& domain, const std::string& path);

}  // namespace vmtool::ops
