#include <unistd.h>

#include <nlohmann/json.hpp>

#include "isolation/capability.hpp"
#include "oci/document.hpp"

namespace vmtool::oci {
namespace {

using Json = nlohmann::ordered_json;

Json mount(const char* destination, const char* type, const char* source, std::vector<std::string> options) {
  return {{"destination", destination}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

Json mounts(bool rootless) {
  Json out = Json::array();
  out.push_back({{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}});
  out.push_back(mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  std::vector<std::string> pts{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"};
  if (!rootless) pts.emplace_back("gid=5");  // the only group of a rootless container is 0
  out.push_back(mount("/dev/pts", "devpts", "devpts", std::move(pts)));
  out.push_back(mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
  out.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
  out.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
  if (!rootless)
    out.push_back(mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}));
  return out;
}

Json capabilities() {
  Json names = Json::array();
  for (unsigned number = 0; number < 64; ++number) {
    if ((isolation::default_capabilities() & isolation::capability_bit(number)) != 0)
      names.push_back(isolation::capability_name(number));
  }
  return {{"bounding", names}, {"effective", names}, {"permitted", names}};
}

}  // namespace

std::string example_config(bool rootless) {
  Json out;
  out["ociVersion"] = spec_version;
  out["process"] = {{"terminal", false},
                    {"user", {{"uid", 0}, {"gid", 0}}},
                    {"args", {"sh"}},
                    {"env", {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"}},
                    {"cwd", "/"},
                    {"capabilities", capabilities()},
                    {"rlimits", {{{"type", "RLIMIT_NOFILE"}, {"hard", 1024}, {"soft", 1024}}}},
                    {"noNewPrivileges", true}};
  out["root"] = {{"path", "rootfs"}, {"readonly", true}};
  out["hostname"] = "isolate";
  out["mounts"] = mounts(rootless);
  Json& os = out["linux"];
  Json namespaces = Json::array();
  for (const char* type : {"pid", "network", "ipc", "uts", "mount", "cgroup"}) namespaces.push_back({{"type", type}});
  if (rootless) {
    namespaces.push_back({{"type", "user"}});
    os["uidMappings"] = {{{"containerID", 0}, {"hostID", ::geteuid()}, {"size", 1}}};
    os["gidMappings"] = {{{"containerID", 0}, {"hostID", ::getegid()}, {"size", 1}}};
  } else {
    os["resources"] = {{"devices", {{{"allow", false}, {"access", "rwm"}}}}};
  }
  os["namespaces"] = namespaces;
  os["maskedPaths"] = {"/proc/acpi",          "/proc/asound",     "/proc/kcore",       "/proc/keys",
                       "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                       "/proc/scsi",          "/proc/interrupts", "/sys/firmware",     "/sys/devices/virtual/powercap"};
  os["readonlyPaths"] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return out.dump(2);
}

}  // namespace vmtool::oci
