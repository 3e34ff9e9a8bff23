#pragma once
// What an operation makes, as values that a later run can undo.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/network.hpp"

namespace vmtool::ops {

struct MadeVolume {
  std::string pool;
  std::string name;
  std::string path;
  friend bool operator==(const MadeVolume&, const MadeVolume&) = default;
};
/// A file of this host.
struct MadeFile {
  std::string path;
  friend bool operator==(const MadeFile&, const MadeFile&) = default;
};
/// A directory of this host, with all that is in it.
struct MadeDirectory {
  std::string path;
  friend bool operator==(const MadeDirectory&, const MadeDirectory&) = default;
};
struct MadePool {
  std::string name;
  friend bool operator==(const MadePool&, const MadePool&) = default;
};
struct MadeNetwork {
  std::string name;
  friend bool operator==(const MadeNetwork&, const MadeNetwork&) = default;
};
struct MadeReservation {
  std::string network;
  model::DhcpHost host;
  friend bool operator==(const MadeReservation&, const MadeReservation&) = default;
};
struct MadeDomain {
  std::string name;
  std::string uuid;
  friend bool operator==(const MadeDomain&, const MadeDomain&) = default;
};
/// A definition that was replaced, with its old XML.
struct ReplacedDomain {
  std::string name;
  std::string uuid;
  std::string xml;
  friend bool operator==(const ReplacedDomain&, const ReplacedDomain&) = default;
};
struct ReplacedNetwork {
  std::string name;
  std::string xml;
  friend bool operator==(const ReplacedNetwork&, const ReplacedNetwork&) = default;
};
struct StartedPool {
  std::string name;
  friend bool operator==(const StartedPool&, const StartedPool&) = default;
};
struct ChangedAutostart {
  std::string kind;  ///< "network" or "domain"
  std::string name;
  bool was = false;
  friend bool operator==(const ChangedAutostart&, const ChangedAutostart&) = default;
};
/// A DHCP reservation or DNS entry that was put into a network as it runs, or taken out of it.
struct ChangedHost {
  std::string network;
  std::string section;  ///< "dhcp" or "dns"
  bool added = false;
  std::string xml;
  friend bool operator==(const ChangedHost&, const ChangedHost&) = default;
};
/// A machine's disk that got an overlay: it is put back as long as nothing was written to the overlay.
struct MovedDisk {
  std::string name;
  std::string uuid;
  std::string target;
  std::string overlay;  ///< where the disk is now
  std::string path;     ///< where it was
  std::string format;
  friend bool operator==(const MovedDisk&, const MovedDisk&) = default;
};

/// A backup of a running machine into files of which `path` is one.
struct RunningBackup {
  std::string name;
  std::string uuid;
  std::string path;
  friend bool operator==(const RunningBackup&, const RunningBackup&) = default;
};
/// A transient domain that edits disks for us (daemon_appliance.hpp).
struct BootedAppliance {
  std::string name;
  std::string uuid;
  friend bool operator==(const BootedAppliance&, const BootedAppliance&) = default;
};

/// A container's bundle, under its name or still as ".new-UUID".
struct MadeContainer {
  std::string name;
  std::string path;  ///< of the bundle
  std::string uuid;
  friend bool operator==(const MadeContainer&, const MadeContainer&) = default;
};
/// A container's configuration that was replaced, with the old texts and limits.
struct ReplacedContainer {
  std::string name;
  std::string path;  ///< of the bundle
  std::string config;
  std::string manifest;
  std::string limits;  ///< the old ones, as `isolate update` takes them; empty: they were not changed
  friend bool operator==(const ReplacedContainer&, const ReplacedContainer&) = default;
};
struct RenamedContainer {
  std::string from;  ///< paths of the bundle
  std::string to;
  std::string uuid;
  friend bool operator==(const RenamedContainer&, const RenamedContainer&) = default;
};

using Record = std::variant<MadeVolume, MadeFile, MadeDirectory, MadePool, MadeNetwork, MadeReservation, MadeDomain,
                            ReplacedDomain, ReplacedNetwork, StartedPool, ChangedAutostart, ChangedHost, MovedDisk,
                            RunningBackup, BootedAppliance, MadeContainer, ReplacedContainer, RenamedContainer>;

/// One line without its end: words separated by tabs, what a word must not hold written as %XX.
std::string write_line(const Record& record);
/// Absent where it is no record.
std::optional<Record> read_line(std::string_view line);

/// The words of a line, and back.
std::string join_words(const std::vector<std::string>& words);
std::vector<std::string> split_words(std::string_view line);

/// "volume 'a.qcow2'", for messages.
std::string describe(const Record& record);

}  // namespace vmtool::ops
