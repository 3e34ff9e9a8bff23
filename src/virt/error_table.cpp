#include "virt/error_table.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <array>

#include "util/text.hpp"

namespace vmtool::virt {
namespace {

using util::Errc;

constexpr int any = -1;

struct Row {
  int domain;
  int code;
  std::string_view contains;
  Meaning meaning;
};

constexpr std::string_view start_libvirtd =
    "start it: systemctl start libvirtd, or without a service manager: virtlogd -d; libvirtd -d";
constexpr std::string_view join_group =
    "join the group: adduser \"$USER\" libvirt, log in again; or use your own session: --connect qemu:///session";
constexpr std::string_view check_ssh = "see that ssh to that host works without a question, e.g. ssh HOST true";
constexpr std::string_view own_session = "use root, or your own session: --connect qemu:///session";
constexpr std::string_view emulate = "use domainType: qemu, or another cpu mode, e.g. cpu: {mode: maximum}";
constexpr std::string_view restart_daemon = "see the daemon's log; the same command can be run again once it is back";

// Ordered: what is more particular stands first.
constexpr auto rows = std::to_array<Row>({
    // The way to the daemon
    {any,
     any,
     "virtlogd-sock",
     {Errc::unavailable, "virtlogd is not running",
      "start it: systemctl start virtlogd, or without a service manager: virtlogd -d"}},
    {any,
     any,
     "virtlockd-sock",
     {Errc::unavailable, "virtlockd is not running",
      "start it: systemctl start virtlockd, or without a service manager: virtlockd -d"}},
    {any, any, "Permission denied (publickey", {Errc::denied, "ssh refused this user", check_ssh}},
    {any, any, "Host key verification failed", {Errc::denied, "ssh does not know the host's key", check_ssh}},
    {any, any, "Cannot recv data: ssh: ", {Errc::unavailable, "ssh can't reach the host", check_ssh}},
    {VIR_FROM_RPC,
     VIR_ERR_SYSTEM_ERROR,
     "Permission denied",
     {Errc::denied, "this user may not use the libvirt daemon", join_group}},
    {VIR_FROM_REMOTE,
     VIR_ERR_SYSTEM_ERROR,
     "Permission denied",
     {Errc::denied, "this user may not use the libvirt daemon", join_group}},
    {any,
     VIR_ERR_SYSTEM_ERROR,
     "unable to connect to server",
     {Errc::unavailable, "the host can't be reached", "see that it is up and that its libvirtd listens"}},
    {any,
     VIR_ERR_SYSTEM_ERROR,
     "Connection refused",
     {Errc::unavailable, "the libvirt daemon is not running", start_libvirtd}},
    {any,
     VIR_ERR_SYSTEM_ERROR,
     "Failed to connect socket to",
     {Errc::unavailable, "the libvirt daemon is not running", start_libvirtd}},
    {any, any, "Cannot recv data", {Errc::unavailable, "the connection to the libvirt daemon broke", restart_daemon}},
    {any, any, "Cannot write data", {Errc::unavailable, "the connection to the libvirt daemon broke", restart_daemon}},
    {any, any, "End of file while reading data", {Errc::unavailable, "the libvirt daemon went away", restart_daemon}},
    {any, any, "client socket is closed", {Errc::unavailable, "the libvirt daemon went away", restart_daemon}},
    {VIR_FROM_RPC,
     any,
     "Connection reset by peer",
     {Errc::unavailable, "the libvirt daemon went away", restart_daemon}},
    {VIR_FROM_RPC, any, "Broken pipe", {Errc::unavailable, "the libvirt daemon went away", restart_daemon}},
    {VIR_FROM_RPC, any, "received hangup", {Errc::unavailable, "the libvirt daemon went away", restart_daemon}},
    {any, any, "polkit", {Errc::denied, "polkit does not let this user use the libvirt daemon", join_group}},
    {VIR_FROM_POLKIT, any, "", {Errc::denied, "polkit does not let this user use the libvirt daemon", join_group}},
    {VIR_FROM_DBUS,
     any,
     "system bus",
     {Errc::denied, "without D-Bus, polkit can't be asked whether this user may use the libvirt daemon", own_session}},
    {any, VIR_ERR_DBUS_SERVICE, "", {Errc::unavailable, "a service on the host's D-Bus refused", ""}},
    {any,
     VIR_ERR_NO_CONNECT,
     "",
     {Errc::unavailable, "no libvirt driver takes this URI",
      "see that the URI is right, e.g. qemu:///system, and that libvirt-daemon-driver-qemu is installed"}},
    {any, VIR_ERR_UNKNOWN_HOST, "", {Errc::unavailable, "the host is not known", ""}},

    {any, VIR_ERR_INVALID_ARG, "unsupported flags", {Errc::unavailable, "this libvirt driver can't do that", ""}},

    // Full, or no rights, on the host
    {any,
     any,
     "No space left on device",
     {Errc::io, "the pool is full", "make room on its file system, or use another pool"}},
    {any, any, "Disk quota exceeded", {Errc::io, "the disk quota is used up", "make room, or use another pool"}},
    {any,
     any,
     "cannot allocate memory",
     {Errc::unavailable, "the host has too little memory", "give the machine less memory, or stop another one"}},
    {any,
     any,
     "Cannot allocate memory",
     {Errc::unavailable, "the host has too little memory", "give the machine less memory, or stop another one"}},

    // The processor
    {any,
     any,
     "failed to set MSR",
     {Errc::unavailable, "KVM of this host can't give the guest that processor", emulate}},
    {any,
     any,
     "Could not access KVM kernel module",
     {Errc::unavailable, "/dev/kvm can't be used", "use domainType: qemu, or load the kvm module"}},
    {any,
     any,
     "failed to initialize kvm",
     {Errc::unavailable, "KVM does not work on this host", "use domainType: qemu"}},
    {any, any, "does not support virt type 'kvm'", {Errc::unavailable, "this host has no KVM", "use domainType: qemu"}},
    {any, any, "host-passthrough", {Errc::unavailable, "this host can't pass its processor through", emulate}},
    {any, any, "requires KVM", {Errc::unavailable, "this host has no KVM", emulate}},
    {any,
     VIR_ERR_CPU_INCOMPATIBLE,
     "",
     {Errc::unavailable, "this host's processor lacks what the machine asks for", emulate}},

    // Networks
    {any,
     any,
     "is already in use by interface",
     {Errc::conflict, "another interface of the host has that subnet",
      "choose another subnet: vmtool net list shows the networks, ip address the interfaces"}},
    {any,
     any,
     "Address already in use",
     {Errc::conflict, "another program on the host listens on that address", "find it: ss -lntup"}},
    {any,
     any,
     "' already in use",
     {Errc::conflict, "that name is taken on the host", "choose another bridge, or leave its name out"}},
    {VIR_FROM_NETWORK,
     VIR_ERR_OPERATION_INVALID,
     "is not active",
     {Errc::conflict, "the network is not running", "start it: vmtool net start"}},

    // Files and devices
    {any,
     VIR_ERR_SYSTEM_ERROR,
     "Cannot access storage file",
     {Errc::not_found, "a disk's file can't be opened", "see that it exists and that libvirt's qemu user may read it"}},
    {any,
     any,
     "Cannot access backing file",
     {Errc::not_found, "the file that a disk builds upon can't be opened",
      "see that it exists and that libvirt's qemu user may read it"}},
    {any,
     any,
     "Failed to get \"write\" lock",
     {Errc::conflict, "another process has a disk's file open for writing", "stop the other machine that uses it"}},
    {any,
     any,
     "Failed to get shared \"write\" lock",
     {Errc::conflict, "another process has a disk's file open for writing", "stop the other machine that uses it"}},
    {any, any, "apparmor", {Errc::denied, "AppArmor refused it", "see the kernel's log for what was refused"}},
    {any, any, "AppArmor", {Errc::denied, "AppArmor refused it", "see the kernel's log for what was refused"}},
    {any, VIR_ERR_SYSTEM_ERROR, "Permission denied", {Errc::denied, "", ""}},
    {any, VIR_ERR_SYSTEM_ERROR, "No such file or directory", {Errc::not_found, "", ""}},
    {any, VIR_ERR_SYSTEM_ERROR, "File exists", {Errc::conflict, "", ""}},

    // Names
    {any, any, "already exists", {Errc::conflict, "", ""}},
    {any, any, "already defined with uuid", {Errc::conflict, "", ""}},
    {any, any, "is already active", {Errc::conflict, "", ""}},
    {any, any, "already running", {Errc::conflict, "", ""}},
    {any, VIR_ERR_OPERATION_INVALID, "is not running", {Errc::conflict, "", ""}},
    {any, any, "cannot undefine", {Errc::conflict, "", ""}},

    // Consoles
    {any,
     any,
     "Active console session exists",
     {Errc::conflict, "another session has this console", "take it over with --force"}},
    {any, any, "cannot find character device", {Errc::not_found, "the machine has no serial console", ""}},
});

Errc kind_of_code(int code) {
  switch (code) {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_NO_NETWORK:
    case VIR_ERR_NO_STORAGE_POOL:
    case VIR_ERR_NO_STORAGE_VOL:
    case VIR_ERR_NO_NODE_DEVICE:
    case VIR_ERR_NO_INTERFACE:
    case VIR_ERR_NO_NWFILTER:
    case VIR_ERR_NO_SECRET:
    case VIR_ERR_NO_DOMAIN_SNAPSHOT:
    case VIR_ERR_NO_DOMAIN_METADATA:
    case VIR_ERR_NO_DOMAIN_CHECKPOINT:
    case VIR_ERR_DEVICE_MISSING: return Errc::not_found;
    case VIR_ERR_DOM_EXIST:
    case VIR_ERR_NETWORK_EXIST:
    case VIR_ERR_STORAGE_POOL_BUILT:
    case VIR_ERR_STORAGE_VOL_EXIST:
    case VIR_ERR_OPERATION_INVALID:
    case VIR_ERR_BLOCK_COPY_ACTIVE:
    case VIR_ERR_RESOURCE_BUSY:
    case VIR_ERR_SNAPSHOT_REVERT_RISKY:
    case VIR_ERR_MIGRATE_UNSAFE: return Errc::conflict;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_CONFIG_UNSUPPORTED:
    case VIR_ERR_ARGUMENT_UNSUPPORTED:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_OPERATION_TIMEOUT:
    case VIR_ERR_AGENT_UNRESPONSIVE:
    case VIR_ERR_AGENT_UNSYNCED:
    case VIR_ERR_NO_MEMORY:
    case VIR_ERR_NO_KERNEL:
    case VIR_ERR_RPC:
    case VIR_ERR_SSH:
    case VIR_ERR_LIBSSH:
    case VIR_ERR_GNUTLS_ERROR: return Errc::unavailable;
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_OPERATION_DENIED: return Errc::denied;
    case VIR_ERR_XML_ERROR:
    case VIR_ERR_XML_DETAIL:
    case VIR_ERR_XML_INVALID_SCHEMA:
    case VIR_ERR_INVALID_ARG:
    case VIR_ERR_INVALID_MAC:
    case VIR_ERR_OS_TYPE:
    case VIR_ERR_NO_NAME:
    case VIR_ERR_NO_OS:
    case VIR_ERR_NO_SOURCE:
    case VIR_ERR_NO_TARGET:
    case VIR_ERR_OVERFLOW: return Errc::invalid_input;
    default: return Errc::io;
  }
}

}  // namespace

Meaning meaning_of(int domain, int code, std::string_view text) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
    return (candidate.domain == any || candidate.domain == domain) &&
           (candidate.code == any || candidate.code == code) && text.find(candidate.contains) != std::string_view::npos;
  });
  if (row != rows.end()) return row->meaning;
  switch (code) {
    case VIR_ERR_AGENT_UNRESPONSIVE:
      return {Errc::unavailable, "the guest agent does not answer", "install and start qemu-guest-agent in the guest"};
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE: return {Errc::denied, "the libvirt daemon refused this user", join_group};
    case VIR_ERR_XML_INVALID_SCHEMA:
      return {Errc::invalid_input, "libvirt's schema does not allow it", "look at what is asked for: vmtool render"};
    default: return {kind_of_code(code), "", ""};
  }
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const std::string& part : util::split(text, '\n')) {
    const std::string_view words = util::trim(part);
    if (words.empty()) continue;
    if (!line.empty()) line += "; ";
    line += words;
  }
  return line;
}

}  // namespace vmtool::virt
