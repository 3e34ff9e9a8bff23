#pragma once
// Disks that the libvirt daemon can open and this process can't (another host's, or root's while a user of group libvirt works): the
// micro-appliance runs as a transient domain of that connection.
//
//   upload kernel, initramfs ─► start paused, destroyed with the connection ─► open its channel ─► resume ─► talk ─► it powers off
//   remove both volumes      ◄──────────────────────── once for all clones of an operation

#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include "identity/appliance_boot.hpp"
#include "identity/identity.hpp"
#include "ops/transaction.hpp"
#include "virt/connection.hpp"

namespace vmtool::ops {

/// What was found out before anything was touched.
struct ApplianceKit {
  std::string pool;  ///< active; the kernel and the initramfs lie there for a while
  identity::ApplianceBoot boot;
};

/// The kernel is this host's own, so both hosts must be of one architecture. Throws Error{unavailable} where there is no kernel that may be read, or `pool` is
/// empty or not there.
ApplianceKit prepare_appliance(const virt::Connection& connection, const std::string& pool);

/// May be used from several threads at once.
class DaemonAppliance {
 public:
  /// `interrupt` is asked often while an appliance works; it has `limit` for it, its boot included.
  DaemonAppliance(const virt::Connection& connection, ApplianceKit kit, Transaction& transaction,
                  std::function<void()> interrupt, std::chrono::milliseconds limit);

  /// Throws what identity::renew_over and libvirt throw.
  identity::Report renew(const identity::Target& target, const identity::Options& options);
  identity::Report show(const identity::Target& target, const identity::Options& options);
  /// Removes what the appliances were booted from; to be called when all are done. Where it is not, the transaction does so.
  void remove_volumes();

 private:
  enum class Work { renew, show };
  identity::Report run(const identity::Target& target, const identity::Options& options, Work work);
  void upload_once();
  void upload(const MadeVolume& volume, int descriptor);
  std::string domain_xml(const BootedAppliance& record, const identity::Target& target, Work work) const;

  const virt::Connection& connection_;
  ApplianceKit kit_;
  Transaction& transaction_;
  std::function<void()> interrupt_;
  std::chrono::milliseconds limit_;
  MadeVolume kernel_;
  MadeVolume initramfs_;
  std::mutex mutex_;
  bool is_uploaded_ = false;
};

}  // namespace vmtool::ops
