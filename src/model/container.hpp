#pragma once
// A container; the names are those of the OCI runtime-spec where it has the concept.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/address.hpp"
#include "model/enum_text.hpp"
#include "util/bytes.hpp"

namespace vmtool::model {

/// What a container's root filesystem stands on: exactly one of the three.
struct Rootfs {
  std::optional<std::string> image;    ///< of the image store
  std::vector<std::string> layers;     ///< directories of the host, top first; nothing is written to them
  std::optional<std::string> archive;  ///< a tar archive of the host
  bool read_only = false;              ///< key `readonly`, as in config.json
  friend bool operator==(const Rootfs&, const Rootfs&) = default;
};

struct ContainerUser {
  unsigned uid = 0;
  unsigned gid = 0;
  std::vector<unsigned> groups;  ///< key `additionalGids`
  friend bool operator==(const ContainerUser&, const ContainerUser&) = default;
};

struct Rlimit {
  std::string type;  ///< "RLIMIT_NOFILE"
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  friend bool operator==(const Rlimit&, const Rlimit&) = default;
};

struct ContainerProcess {
  std::vector<std::string> args;                         ///< empty: the image's own
  std::map<std::string, std::string> env;                ///< added to the image's
  std::optional<std::string> cwd;                        ///< absent: the image's, else "/"
  std::optional<ContainerUser> user;                     ///< absent: the image's, else 0:0
  std::optional<std::vector<std::string>> capabilities;  ///< absent: the default list
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = true;
  bool terminal = false;
  friend bool operator==(const ContainerProcess&, const ContainerProcess&) = default;
};

/// `size` ids from `container_id` on are the host's from `host_id` on (user_namespaces(7)).
struct IdMapping {
  unsigned container_id = 0;
  unsigned host_id = 0;
  unsigned size = 0;
  friend bool operator==(const IdMapping&, const IdMapping&) = default;
};

/// auto: the host's ids for root; without root the user's own id as 0, and its subordinate ids (subuid(5)) above.
/// host: no user namespace. list: the given ranges, for users and groups alike.
enum class MappingMode { automatic, host, list };
template <>
struct Words<MappingMode> {
  static constexpr WordTable<MappingMode, 2> table{{{MappingMode::automatic, "auto"}, {MappingMode::host, "host"}}};
};

struct UserMappings {
  MappingMode mode = MappingMode::automatic;
  std::vector<IdMapping> ranges;  ///< with mode list only
  friend bool operator==(const UserMappings&, const UserMappings&) = default;
};

enum class MountType { bind, tmpfs };
template <>
struct Words<MountType> {
  static constexpr WordTable<MountType, 2> table{{{MountType::bind, "bind"}, {MountType::tmpfs, "tmpfs"}}};
};

struct Mount {
  MountType type = MountType::bind;
  std::string source;  ///< bind only: a path of the host
  std::string destination;
  std::vector<std::string> options;  ///< mount(8)'s words
  friend bool operator==(const Mount&, const Mount&) = default;
};

/// Instead of a libvirt network: the container of an ordinary user reaches what the user reaches, and nobody reaches it but through published ports.
constexpr const char* user_network = "user";

/// One end of a veth pair on a libvirt network.
struct ContainerInterface {
  std::string name;
  std::string network;               ///< of libvirt, or user_network
  std::optional<MacAddress> mac;     ///< absent: automatic
  std::optional<IpAddress> address;  ///< absent: automatic, the first that is free outside of the DHCP ranges
  std::optional<unsigned> mtu;       ///< bytes; absent: the network's
  friend bool operator==(const ContainerInterface&, const ContainerInterface&) = default;
};

enum class PortProtocol { tcp, udp };
template <>
struct Words<PortProtocol> {
  static constexpr WordTable<PortProtocol, 2> table{{{PortProtocol::tcp, "tcp"}, {PortProtocol::udp, "udp"}}};
};

/// A port of the host that leads to one of the container.
struct PublishedPort {
  unsigned host_port = 0;
  unsigned container_port = 0;
  PortProtocol protocol = PortProtocol::tcp;
  std::optional<IpAddress> host_address;  ///< absent: every address of the host
  friend bool operator==(const PublishedPort&, const PublishedPort&) = default;
};

struct MemoryLimits {
  std::optional<util::Bytes> limit;
  std::optional<util::Bytes> reservation;
  std::optional<util::Bytes> swap;  ///< beyond memory; config.json has the sum
  friend bool operator==(const MemoryLimits&, const MemoryLimits&) = default;
};

struct CpuLimits {
  std::optional<std::chrono::milliseconds> quota;  ///< of processor time in each period
  std::optional<std::chrono::milliseconds> period;
  std::optional<unsigned> shares;   ///< 2 to 262144
  std::optional<std::string> cpus;  ///< "0-1,3"
  friend bool operator==(const CpuLimits&, const CpuLimits&) = default;
};

struct PidsLimit {
  std::optional<unsigned> limit;
  friend bool operator==(const PidsLimit&, const PidsLimit&) = default;
};

/// Limits of one block device.
struct BlockLimits {
  std::string device;                      ///< a block device of the host, e.g. /dev/vda
  std::optional<util::Bytes> read_bytes;   ///< a second
  std::optional<util::Bytes> write_bytes;  ///< a second
  std::optional<unsigned> read_iops;
  std::optional<unsigned> write_iops;
  friend bool operator==(const BlockLimits&, const BlockLimits&) = default;
};

struct ContainerResources {
  MemoryLimits memory;
  CpuLimits cpu;
  PidsLimit pids;
  std::vector<BlockLimits> block;  ///< key `blockIO`
  friend bool operator==(const ContainerResources&, const ContainerResources&) = default;
};

enum class RestartPolicy { no, on_failure, always };
template <>
struct Words<RestartPolicy> {
  static constexpr WordTable<RestartPolicy, 3> table{
      {{RestartPolicy::no, "no"}, {RestartPolicy::on_failure, "on-failure"}, {RestartPolicy::always, "always"}}};
};

struct Container {
  std::string name;
  std::map<std::string, std::string> labels;
  Rootfs rootfs;
  std::string hostname;  ///< empty: the name
  ContainerProcess process;
  UserMappings user_mappings;
  std::vector<Mount> mounts;
  std::vector<ContainerInterface> interfaces;
  std::vector<PublishedPort> ports;
  ContainerResources resources;
  std::map<std::string, std::string> sysctl;
  std::string seccomp = "default";  ///< "default", "unconfined", or a profile's file on the host
  bool init = false;                ///< a minimal init as process 1, which reaps and forwards signals
  RestartPolicy restart_policy = RestartPolicy::no;
  std::optional<std::string> stop_signal;  ///< absent: the image's, else SIGTERM
  std::chrono::milliseconds stop_timeout{10'000};
  bool autostart = false;
  bool is_protected = false;  ///< key `protected`: destructive commands refuse it
  friend bool operator==(const Container&, const Container&) = default;
};

/// Its name inside: the one that the manifest gives, else the container's own.
const std::string& hostname_of(const Container& container);

/// Whether its only interface is on the user network.
bool is_on_user_network(const Container& container);

/// The names of all capabilities that Linux has, in the order of their numbers (capabilities(7)).
const std::vector<std::string>& capability_names();
/// What a container has where nothing is said: what a service needs to drop privileges and bind ports.
const std::vector<std::string>& default_capabilities();
/// The names of resource limits (getrlimit(2)).
const std::vector<std::string>& rlimit_names();
/// The names of signals that can be sent ("SIGTERM"), real-time ones left out (signal(7)).
const std::vector<std::string>& signal_names();

}  // namespace vmtool::model
