#include "virt/error_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libvirt/virterror.h>

#include <ostream>

namespace vmtool::virt {
namespace {

using testing::HasSubstr;
using util::Errc;

struct Case {
  int domain;
  int code;
  const char* text;
  Errc kind;
  const char* cause;  ///< part of it
  const char* hint;   ///< part of it
};

void PrintTo(const Case& item, std::ostream* out) { *out << item.text; }

class Meanings : public testing::TestWithParam<Case> {};

TEST_P(Meanings, AreFoundByDomainCodeAndText) {
  const Case& item = GetParam();
  const Meaning meaning = meaning_of(item.domain, item.code, item.text);
  EXPECT_EQ(meaning.kind, item.kind);
  EXPECT_THAT(std::string(meaning.cause), HasSubstr(item.cause));
  EXPECT_THAT(std::string(meaning.hint), HasSubstr(item.hint));
}

// The texts are what libvirt 9.0 and qemu 7.2 say.
INSTANTIATE_TEST_SUITE_P(
    Daemon, Meanings,
    testing::Values(
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR,
             "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
             Errc::unavailable, "daemon is not running", "libvirtd -d"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR,
             "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Connection refused", Errc::unavailable,
             "daemon is not running", "systemctl start libvirtd"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR,
             "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied", Errc::denied,
             "may not use", "qemu:///session"},
        Case{VIR_FROM_AUTH, VIR_ERR_AUTH_UNAVAILABLE,
             "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
             Errc::denied, "polkit", "adduser"},
        Case{VIR_FROM_DBUS, VIR_ERR_INTERNAL_ERROR,
             "internal error: Unable to get system bus connection: Could not connect: No such file or directory",
             Errc::denied, "without D-Bus", "qemu:///session"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, "unable to connect to server at '127.0.0.1:1': Connection refused",
             Errc::unavailable, "host can't be reached", "listens"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR,
             "Cannot recv data: ssh: connect to host h port 22: Connection refused: Connection reset by peer",
             Errc::unavailable, "ssh can't reach", "ssh HOST"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR,
             "Cannot recv data: u@h: Permission denied (publickey).: Connection reset by peer", Errc::denied,
             "ssh refused", "ssh HOST"},
        Case{VIR_FROM_NONE, VIR_ERR_NO_CONNECT, "no connection driver available for foo:///x", Errc::unavailable,
             "no libvirt driver", "qemu:///system"},
        Case{VIR_FROM_RPC, VIR_ERR_INTERNAL_ERROR, "internal error: client socket is closed", Errc::unavailable,
             "went away", "again"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, "End of file while reading data: Input/output error",
             Errc::unavailable, "went away", "log"},
        Case{VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, "Cannot recv data: Connection reset by peer", Errc::unavailable,
             "broke", "log"},
        Case{VIR_FROM_RPC, VIR_ERR_RPC, "something of the protocol", Errc::unavailable, "", ""},
        Case{VIR_FROM_LOGGING, VIR_ERR_SYSTEM_ERROR,
             "Failed to connect socket to '/var/run/libvirt/virtlogd-sock': No such file or directory",
             Errc::unavailable, "virtlogd is not running", "virtlogd -d"}));

INSTANTIATE_TEST_SUITE_P(
    Guests, Meanings,
    testing::Values(
        Case{VIR_FROM_QEMU, VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching name 'web'", Errc::not_found,
             "", ""},
        Case{VIR_FROM_QEMU, VIR_ERR_OPERATION_FAILED, "operation failed: domain 'web' already exists with uuid 2a8f",
             Errc::conflict, "", ""},
        Case{VIR_FROM_QEMU, VIR_ERR_OPERATION_FAILED, "operation failed: migration failed", Errc::io, "", ""},
        Case{VIR_FROM_QEMU, VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: domain is not running",
             Errc::conflict, "", ""},
        Case{VIR_FROM_QEMU, VIR_ERR_INTERNAL_ERROR,
             "internal error: qemu unexpectedly closed the monitor: error: failed to set MSR 0x10a to 0x0",
             Errc::unavailable, "KVM", "domainType: qemu"},
        Case{VIR_FROM_QEMU, VIR_ERR_CONFIG_UNSUPPORTED,
             "unsupported configuration: Emulator '/usr/bin/qemu-system-x86_64' does not support virt type 'kvm'",
             Errc::unavailable, "no KVM", "domainType: qemu"},
        Case{VIR_FROM_QEMU, VIR_ERR_CONFIG_UNSUPPORTED,
             "unsupported configuration: CPU mode 'host-passthrough' for x86_64 qemu domain on x86_64 host is not "
             "supported by hypervisor",
             Errc::unavailable, "pass its processor", "domainType: qemu"},
        Case{VIR_FROM_CPU, VIR_ERR_CPU_INCOMPATIBLE, "the CPU is incompatible with host CPU", Errc::unavailable,
             "lacks", "cpu"},
        Case{VIR_FROM_STORAGE, VIR_ERR_SYSTEM_ERROR,
             "Cannot access storage file '/no/such.qcow2': No such file or directory", Errc::not_found,
             "can't be opened", "exists"},
        Case{VIR_FROM_QEMU, VIR_ERR_INTERNAL_ERROR,
             "internal error: process exited while connecting to monitor: Failed to get \"write\" lock; Is another "
             "process using the image [/a]?",
             Errc::conflict, "another process", "stop"},
        Case{VIR_FROM_QEMU, VIR_ERR_INTERNAL_ERROR,
             "internal error: process exited: cannot set up guest memory 'pc.ram': Cannot allocate memory",
             Errc::unavailable, "too little memory", "less memory"},
        Case{VIR_FROM_QEMU, VIR_ERR_OPERATION_FAILED, "operation failed: Active console session exists for this domain",
             Errc::conflict, "another session", "--force"},
        Case{VIR_FROM_QEMU, VIR_ERR_AGENT_UNRESPONSIVE,
             "Guest agent is not responding: QEMU guest agent is not connected", Errc::unavailable, "does not answer",
             "qemu-guest-agent"},
        Case{VIR_FROM_XML, VIR_ERR_XML_INVALID_SCHEMA, "XML document failed to validate against schema: …",
             Errc::invalid_input, "schema", "render"},
        Case{VIR_FROM_DOMAIN, VIR_ERR_XML_ERROR, "XML error: no domain name", Errc::invalid_input, "", ""},
        Case{VIR_FROM_TEST, VIR_ERR_INVALID_ARG, "unsupported flags (0x1) in function testX", Errc::unavailable,
             "driver", ""}));

INSTANTIATE_TEST_SUITE_P(
    NetworksAndPools, Meanings,
    testing::Values(
        Case{VIR_FROM_NETWORK, VIR_ERR_INTERNAL_ERROR, "internal error: Network is already in use by interface virbr0",
             Errc::conflict, "another interface", "another subnet"},
        Case{VIR_FROM_NETWORK, VIR_ERR_INTERNAL_ERROR,
             "internal error: Child process (dnsmasq) unexpected exit status 2: dnsmasq: failed to create listening "
             "socket for 10.0.0.1: Address already in use",
             Errc::conflict, "listens", "ss -lntup"},
        Case{VIR_FROM_NETWORK, VIR_ERR_INTERNAL_ERROR, "internal error: bridge name 'virbr0' already in use.",
             Errc::conflict, "taken", "bridge"},
        Case{VIR_FROM_NETWORK, VIR_ERR_OPERATION_INVALID,
             "Requested operation is not valid: network 'lab' is not active", Errc::conflict, "not running",
             "vmtool net start"},
        Case{VIR_FROM_NETWORK, VIR_ERR_NO_NETWORK, "Network not found: no network with matching name 'lab'",
             Errc::not_found, "", ""},
        Case{VIR_FROM_STORAGE, VIR_ERR_NO_STORAGE_VOL,
             "Storage volume not found: no storage vol with matching name 'a'", Errc::not_found, "", ""},
        Case{VIR_FROM_STORAGE, VIR_ERR_SYSTEM_ERROR, "cannot fill file '/p/a.raw': No space left on device", Errc::io,
             "pool is full", "another pool"},
        Case{VIR_FROM_STORAGE, VIR_ERR_INTERNAL_ERROR,
             "internal error: Child process (/usr/bin/qemu-img create) unexpected exit status 1: qemu-img: /p/a: No "
             "space left on device",
             Errc::io, "pool is full", "make room"},
        Case{VIR_FROM_STORAGE, VIR_ERR_STORAGE_VOL_EXIST, "storage volume 'a' exists already", Errc::conflict, "", ""},
        Case{VIR_FROM_STORAGE, VIR_ERR_SYSTEM_ERROR, "cannot open directory '/p': Permission denied", Errc::denied, "",
             ""},
        Case{VIR_FROM_STORAGE, 9999, "a code of the future", Errc::io, "", ""}));

TEST(OneLine, JoinsTheLinesOfQemu) {
  EXPECT_EQ(one_line("internal error: exited: a\n  b \n\n"), "internal error: exited: a; b");
  EXPECT_EQ(one_line(""), "");
}

}  // namespace
}  // namespace vmtool::virt
