#pragma once
// A libvirt domain.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "virt/guest_line.hpp"

struct _virDomain;

namespace vmtool::virt {

enum class DomainState { running, blocked, paused, shutdown, shutoff, crashed, pmsuspended, unknown };
/// "running", "paused", "shut off" …: virsh's words.
const char* to_text(DomainState state) noexcept;
/// Whether a process runs for it (everything but shutoff and crashed).
bool is_active(DomainState state) noexcept;

/// One domain of virConnectGetAllDomainStats.
struct DomainStats {
  std::string name;
  std::string uuid;  ///< lower case with dashes
  DomainState state = DomainState::unknown;
  std::uint64_t balloon_kib = 0;  ///< current memory; of an inactive domain too
  std::uint64_t maximum_kib = 0;
  unsigned vcpus = 0;                          ///< current
  std::optional<std::uint64_t> cpu_time_ns{};  ///< processor time that it has used; where asked for
};

/// A job that works on a domain's disks.
struct Job {
  bool is_running = false;
  bool is_complete = false;  ///< it came to its end as it should
  std::uint64_t done = 0;    ///< bytes
  std::uint64_t total = 0;
};

/// An address that a guest has, from whichever source.
struct GuestAddress {
  std::string interface;  ///< name in the guest (agent), or on the host (lease, arp)
  std::string mac;        ///< lower case
  std::string address;
  unsigned prefix = 0;
};
enum class AddressSource { lease, agent, arp };

enum class Flavor { current, inactive };

class Domain {
 public:
  Domain(std::shared_ptr<const Session> session, std::shared_ptr<_virDomain> handle);

  const std::string& name() const noexcept { return name_; }
  std::string uuid() const;
  DomainState state() const;
  bool is_persistent() const;
  /// XML; Flavor::inactive is what the next start will use. Always with security-sensitive parts where the connection may.
  std::string xml(Flavor flavor) const;

  void start() const;
  /// Asks the guest to power off (ACPI or agent); returns at once.
  void shutdown() const;
  /// Asks the guest to reboot; returns at once.
  void reboot() const;
  /// Pulls the plug.
  void destroy() const;
  void suspend() const;
  void resume() const;

  bool autostart() const;
  void set_autostart(bool on) const;

  /// Replaces the element of namespace `uri` in the definition's <metadata> (and in that of the running domain); an empty
  /// `element` removes it. The element is given without its namespace, which is declared as `prefix`.
  void set_metadata(const std::string& element, const std::string& prefix, const std::string& uri) const;

  bool has_managed_save() const;
  /// Names of its snapshots.
  std::vector<std::string> snapshots() const;
  /// Removes the definition with managed save, snapshot metadata, checkpoint metadata, NVRAM and TPM state.
  void undefine() const;

  /// Live growth of a disk, `target` as vda. Bytes.
  void block_resize(const std::string& target, std::uint64_t capacity_bytes) const;

  /// Addresses from one source; an empty list where the source has none or can't be asked (no agent).
  std::vector<GuestAddress> addresses(AddressSource source) const;

  /// Starts a backup (formatbackup.html); job() tells how far it is, last_job(), once, how it ended.
  void begin_backup(const std::string& xml) const;
  /// Empty where no backup runs.
  std::string backup_xml() const;
  Job job() const;
  Job last_job() const;
  void abort_job() const;
  /// By the guest agent. Throws Error{unavailable} where it does not answer.
  void freeze_filesystems() const;
  void thaw_filesystems() const;

  /// One command of the guest agent, JSON, and its answer; what the guest makes of it is up to the guest. Throws Error{unavailable} where no agent
  /// answers.
  std::string agent_command(const std::string& command) const;

  /// A line to the serial console; `forced` takes it from another session.
  enum class Console { safe, forced };
  GuestLine open_console(Console how) const;
  /// A line to a virtio channel whose source is of type unix, by the name of its port. Throws Error{conflict} or {io} where another has it.
  GuestLine open_channel(const std::string& port) const;

  /// Connects standard input and output of this process to the guest's serial console until the user types the escape
  /// (Ctrl-]) or the guest ends; needs a running domain. `force` takes it from another session.
  void console(int in_fd, int out_fd, bool force) const;

 private:
  // Before the handle, so that the connection outlives it.
  std::shared_ptr<const Session> session_;
  std::shared_ptr<_virDomain> handle_;
  std::string name_;
};

}  // namespace vmtool::virt
