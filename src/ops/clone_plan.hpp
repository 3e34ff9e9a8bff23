#pragma once
// What a clone operation will do: decided before anything is touched.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "identity/identity.hpp"
#include "ops/clone.hpp"
#include "util/bytes.hpp"
#include "xml/clone_source.hpp"

namespace vmtool::ops {

enum class DiskWay { shared, linked, reflink, copy, seed };
const char* to_text(DiskWay way) noexcept;

/// How one disk of the source comes to its clones.
struct DiskPlan {
  xml::SourceDisk disk;
  DiskWay way = DiskWay::shared;
  std::vector<identity::Image> chain;  ///< of the source, its own file first; of a disk that is not shared
  std::string pool;                    ///< empty: its folder is no pool's
  std::string folder;
  std::string format;  ///< of the clone's file
  util::Bytes capacity;
  util::Bytes needed;       ///< room that a clone's file takes at once
  bool by_libvirt = false;  ///< its content can't be read here: the daemon copies it
  bool flatten = false;
  /// Linked: what the clones stand on, top first; and the overlay that the source then needs (empty: none).
  std::vector<identity::Image> base;
  std::string source_overlay;
};

struct PlannedReservation {
  std::string network;
  std::optional<model::DhcpHost> old_host;  ///< the source's; absent: it has none
  model::DhcpHost new_host;
};

/// One clone.
struct TargetPlan {
  std::string name;
  util::Uuid uuid;
  std::string hostname;
  std::vector<std::string> macs;
  std::map<std::string, std::string> disk_paths;  ///< by target
  std::string nvram;
  std::string instance_id;  ///< cloud-init's
  std::vector<PlannedReservation> reservations;
  std::vector<identity::AddressChange> address_changes;  ///< inside the guest
};

struct ClonePlan {
  CloneOptions options;
  std::string source_xml;
  xml::CloneSource source;
  std::vector<DiskPlan> disks;
  std::vector<TargetPlan> targets;
  std::set<unsigned> taken_ports;
  bool is_live = false;  ///< the source runs
  bool copies_nvram = false;
  std::vector<std::string> warnings;
};

/// Throws as clone().
ClonePlan plan_clone(const virt::Connection& connection, const CloneOptions& options);

// Its parts.
/// Disks, with their chains, pools and ways; checks files, formats and room for `count` clones.
std::vector<DiskPlan> plan_clone_disks(const virt::Connection& connection, const xml::CloneSource& source,
                                       const CloneOptions& options, bool is_live);
/// Names, UUIDs, MACs, paths and addresses; checks that each is free.
std::vector<TargetPlan> plan_clone_targets(const virt::Connection& connection, ClonePlan& plan);

/// Whether a disk of the clone holds what a disk of the source holds: neither shared nor made anew.
bool is_copied(const DiskPlan& disk) noexcept;

/// The definition of one clone.
xml::ClonedDomain write_clone(const ClonePlan& plan, const TargetPlan& target);
/// The disks of one clone, as the identity room wants them: those that are its own, in their order.
std::vector<identity::Disk> identity_disks(const ClonePlan& plan, const TargetPlan& target);
identity::Options identity_options(const ClonePlan& plan, const TargetPlan& target);

}  // namespace vmtool::ops
