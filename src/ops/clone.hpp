#pragma once
// A machine from another one that shares nothing with it but the bytes that it means to share.
//
//   preflight → journal → disks → NVRAM, TPM → XML → identity inside → read back → reservations → define → report

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "identity/options.hpp"
#include "identity/report.hpp"
#include "model/address.hpp"
#include "ops/transaction.hpp"
#include "util/reporter.hpp"
#include "virt/connection.hpp"
#include "xml/clone.hpp"

namespace vmtool::ops {

/// automatic: reflink where the filesystem can, linked where the source is a template, else full; never changes the source.
enum class CloneMode { automatic, full, linked, reflink };
/// "auto", "full" …
const char* to_text(CloneMode mode) noexcept;

/// A fixed address and what the clone has instead; without `from`, whichever the source has. Several clones count up.
struct CloneAddress {
  std::optional<model::IpAddress> from;
  model::IpAddress to;
};

/// How the identity inside is renewed (identity::Way), or that it is not.
enum class IdentityWay { automatic, offline, appliance, none };

struct CloneOptions {
  std::string source;
  std::vector<std::string> names;  ///< one clone each
  CloneMode mode = CloneMode::automatic;
  bool flatten = false;   ///< full copies stand on no backing file
  bool live = false;      ///< the source may run: its disks are copied as they are at one moment, without backing files
  std::string snapshot;   ///< not empty: the disks as they are in this internal snapshot
  bool copy_tpm = false;  ///< else the clone's TPM is a fresh one
  IdentityWay identity_way = IdentityWay::automatic;
  std::string machine_id = "random";
  std::string hostname;           ///< empty: the clone's name; for one clone only
  std::vector<std::string> keep;  ///< items of the identity
  std::vector<std::string> only;
  std::vector<std::string> clean;
  std::vector<CloneAddress> addresses;
};

struct ClonedDisk {
  std::string target;
  std::string way;  ///< shared | full | linked | reflink
  std::string path;
};

/// What became of everything that identifies one machine.
struct CloneReport {
  std::string name;
  std::string source;
  std::string uuid;
  std::vector<ClonedDisk> disks;
  std::vector<xml::CloneItem> items;         ///< around the guest
  std::optional<identity::Report> identity;  ///< inside it; absent: --identity none, or no disk was copied
  std::vector<std::string> warnings;
};

struct CloneHooks {
  Observer observer;                ///< before and after each step
  std::function<void()> interrupt;  ///< asked often; what it throws ends the operation, which is undone
  std::filesystem::path state_dir;  ///< where the journal lies
  /// How long an appliance of the daemon's may take, its boot under emulation included.
  std::chrono::milliseconds appliance_limit = std::chrono::minutes(4);
};

/// All of the clones, or none. Throws Error{not_found} where the source, a disk or a backing file is missing,
/// Error{conflict} where the source runs (without `live`), a name, file or address is taken or the guest would share an address,
/// Error{unavailable} for what this host or connection can't do, each with the next step. The source stays as it is; only with
/// CloneMode::linked does a source that is no template get overlays of its own.
std::vector<CloneReport> clone(const virt::Connection& connection, const CloneOptions& options,
                               util::Reporter& reporter, const CloneHooks& hooks);

/// What clone() would do; nothing is changed, and values that are made at random are other ones.
std::vector<CloneReport> preview_clone(const virt::Connection& connection, const CloneOptions& options);

}  // namespace vmtool::ops
