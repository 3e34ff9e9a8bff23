#pragma once
// What a container is to be: plain values, no descriptors, no JSON. The names are those of the OCI runtime-spec.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace vmtool::isolation {

/// `size` ids from `container` on are the host's from `host` on (user_namespaces(7)).
struct IdMap {
  std::uint32_t container = 0;
  std::uint32_t host = 0;
  std::uint32_t size = 0;
  friend bool operator==(const IdMap&, const IdMap&) = default;
};

/// The kinds of namespaces (namespaces(7)).
enum class NamespaceKind { user, pid, mount, network, ipc, uts, cgroup, time };

/// A namespace the container gets: a new one, or the one at `path`. A kind that is not listed is the caller's own.
struct Namespace {
  NamespaceKind kind{};
  std::string path{};
};

/// Layers of an overlay filesystem; without `upper` it is read-only.
struct Overlay {
  std::vector<std::string> lower{};  ///< top first
  std::string upper{};
  std::string work{};  ///< on the same filesystem as `upper`
  std::vector<std::pair<std::string, std::string>>
      options{};  ///< further options of the kernel's overlay, e.g. volatile
};

/// The root filesystem. Where `overlay` is set, it is mounted on `path`.
struct Root {
  std::string path{};
  bool read_only = false;
  std::optional<Overlay> overlay{};
  unsigned long propagation = 0;  ///< MS_SHARED, MS_SLAVE …; 0: private
};

/// One mount, in mount(8)'s words.
struct Mount {
  std::string destination{};
  std::string type{};
  std::string source{};
  std::vector<std::string> options{};
  std::vector<IdMap> uid_map{};  ///< an idmapped mount (mount_setattr(2)) where not empty
  std::vector<IdMap> gid_map{};
};

/// A device node below /dev.
struct Device {
  std::string path{};
  char type = 'c';  ///< c, b or p
  unsigned major = 0;
  unsigned minor = 0;
  mode_t mode = 0666;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct Rlimit {
  int resource = 0;  ///< RLIMIT_*
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

/// Sets of capabilities as bit masks (capabilities(7)).
struct Capabilities {
  std::uint64_t bounding = 0;
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
  std::uint64_t ambient = 0;
};

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups{};
  std::optional<mode_t> umask{};
};

struct Process {
  std::vector<std::string> args{};
  std::vector<std::string> env{};  ///< NAME=VALUE
  std::string cwd = "/";
  User user{};
  Capabilities capabilities{};
  std::vector<Rlimit> rlimits{};
  std::optional<int> oom_score_adj{};
  bool no_new_privileges = true;
  bool terminal = false;
  unsigned short rows = 0;
  unsigned short columns = 0;
  std::string apparmor_profile{};
};

/// An argument filter of one system call.
struct SyscallArgument {
  unsigned index = 0;
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;
  std::string operation{};  ///< SCMP_CMP_*
};

struct SyscallRule {
  std::vector<std::string> names{};
  std::string action{};  ///< SCMP_ACT_*
  std::optional<unsigned> errno_value{};
  std::vector<SyscallArgument> arguments{};
};

/// A seccomp profile of the user's.
struct SeccompProfile {
  std::string default_action{};
  std::optional<unsigned> default_errno{};
  std::vector<std::string> architectures{};  ///< SCMP_ARCH_*
  std::vector<std::string> flags{};          ///< SECCOMP_FILTER_FLAG_*
  std::vector<SyscallRule> rules{};
  std::string identity{};  ///< the text it was read from: the key of the cache
};

enum class SeccompUse { standard, profile, unconfined };

struct DeviceRule {
  bool allow = false;
  char type = 'a';                  ///< a, b or c
  std::optional<unsigned> major{};  ///< absent: any
  std::optional<unsigned> minor{};
  std::string access = "rwm";
};

struct BlockThrottle {
  unsigned major = 0;
  unsigned minor = 0;
  std::uint64_t rate = 0;
};

struct DeviceWeight {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned weight = 0;  ///< 10 to 1000
};

/// Limits; what is absent is not limited. Bytes, microseconds and counts as in the OCI runtime-spec; -1 is no limit.
struct Resources {
  std::optional<std::int64_t> memory_limit{};
  std::optional<std::int64_t> memory_reservation{};
  std::optional<std::int64_t> memory_swap{};  ///< memory and swap together
  std::optional<std::uint64_t> memory_swappiness{};
  std::optional<bool> disable_oom_killer{};
  std::optional<std::int64_t> cpu_quota{};
  std::optional<std::uint64_t> cpu_period{};
  std::optional<std::uint64_t> cpu_shares{};
  std::string cpu_cpus{};
  std::string cpu_mems{};
  std::optional<std::int64_t> pids_limit{};
  std::optional<unsigned> block_weight{};  ///< 10 to 1000
  std::vector<DeviceWeight> device_weights{};
  std::vector<BlockThrottle> read_bps{}, write_bps{}, read_iops{}, write_iops{};
  std::vector<std::pair<std::string, std::uint64_t>> hugepages{};  ///< page size ("2MB") and bytes
  std::vector<DeviceRule> devices{};
  std::vector<std::pair<std::string, std::string>> unified{};  ///< files of cgroup v2 and what is written
};

struct Hook {
  std::string path{};
  std::vector<std::string> args{};
  std::vector<std::string> env{};
  std::optional<int> timeout{};  ///< seconds
};

struct Hooks {
  std::vector<Hook> prestart{}, create_runtime{}, create_container{}, start_container{}, poststart{}, poststop{};
};

/// An address with its prefix length, e.g. 192.168.140.30/24.
struct InterfaceAddress {
  std::vector<unsigned char> bytes{};  ///< 4 or 16
  unsigned char prefix = 0;
};

struct Route {
  InterfaceAddress destination{};  ///< prefix 0: the default route
  std::vector<unsigned char> gateway{};
};

/// A veth pair: one end in the container, the other in `bridge` (or free where that is empty).
struct Interface {
  std::string name = "eth0";
  std::string bridge{};
  std::string host_name{};  ///< name of the host's end; empty: derived from the container's id
  std::vector<unsigned char> mac{};
  unsigned mtu = 0;
  std::vector<InterfaceAddress> addresses{};
  std::vector<Route> routes{};
};

/// A container.
struct Spec {
  std::string id{};
  std::string bundle{};
  Root root{};
  std::vector<Namespace> namespaces{};
  std::vector<IdMap> uid_map{};
  std::vector<IdMap> gid_map{};
  std::vector<Mount> mounts{};
  std::vector<Device> devices{};
  std::vector<std::string> masked_paths{};
  std::vector<std::string> read_only_paths{};
  std::string hostname{};
  std::string domainname{};
  std::vector<std::pair<std::string, std::string>> sysctl{};        ///< dotted names
  std::vector<std::pair<std::string, std::string>> time_offsets{};  ///< clock and "seconds nanoseconds"
  Process process{};
  std::string cgroups_path{};
  Resources resources{};
  SeccompUse seccomp_use = SeccompUse::standard;
  SeccompProfile seccomp{};
  Hooks hooks{};
  std::vector<Interface> interfaces{};
  std::map<std::string, std::string> annotations{};
  bool init = false;  ///< a minimal init as process 1, which reaps and forwards signals

  /// The namespace of that kind, if one is listed.
  const Namespace* find_namespace(NamespaceKind kind) const noexcept {
    for (const auto& item : namespaces) {
      if (item.kind == kind) return &item;
    }
    return nullptr;
  }
  /// Whether a new namespace of that kind is asked for.
  bool makes(NamespaceKind kind) const noexcept {
    const Namespace* found = find_namespace(kind);
    return found != nullptr && found->path.empty();
  }
};

}  // namespace vmtool::isolation
