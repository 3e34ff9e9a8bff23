#pragma once
// The files of clones: disks, firmware variables, TPM state.

#include <mutex>

#include "ops/clone_plan.hpp"
#include "ops/transaction.hpp"

namespace vmtool::ops {

class CloneFiles {
 public:
  CloneFiles(const virt::Connection& connection, const ClonePlan& plan, util::Reporter& reporter,
             const CloneHooks& hooks, Transaction& transaction)
      : connection_(connection), plan_(plan), reporter_(reporter), hooks_(hooks), transaction_(transaction) {}

  /// Gives the source overlays of its own where its files become the base of linked clones.
  void free_source_disks();
  /// Makes the files of one clone. May be called from several threads at once, each with a target of its own.
  void make(const TargetPlan& target);
  /// Lets libvirt look again at the pools where files were made beside it. What it refuses is a warning.
  void tell_libvirt();

 private:
  void make_disk(const TargetPlan& target, const DiskPlan& disk);
  void make_backup(const TargetPlan& target);
  void make_overlay(const DiskPlan& disk, const std::vector<identity::Image>& base, const std::string& path);
  void copy_here(const DiskPlan& disk, const std::string& path);
  void copy_by_libvirt(const DiskPlan& disk, const std::string& path);
  void make_seed(const TargetPlan& target, const DiskPlan& disk, const std::string& path);
  void make_nvram(const TargetPlan& target);
  void make_tpm(const TargetPlan& target);
  std::function<void(std::uint64_t, std::uint64_t)> progress(const std::string& what) const;

  const virt::Connection& connection_;
  const ClonePlan& plan_;
  util::Reporter& reporter_;
  const CloneHooks& hooks_;
  Transaction& transaction_;
  std::mutex backup_mutex_;
};

}  // namespace vmtool::ops
