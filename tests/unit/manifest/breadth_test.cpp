// What is good is read whole, and written back as it was.

#include "tests/unit/manifest/support.hpp"

namespace vmtool::manifest {
namespace {

using Map = std::map<std::string, std::string>;

constexpr const char* machine = R"(apiVersion: vmtool/v1
kind: VirtualMachine
name: db01
labels: {tier: db, note: ""}
domainType: qemu
machine: pc-q35-7.2
firmware: {type: efi, secureBoot: true}
boot: {kernel: /k, initrd: /i, cmdline: "console=ttyS0 a=\"b\""}
cpu:
  count: "4"
  mode: custom
  model: Skylake-Server
  topology: {sockets: 1, cores: 2, threads: 2}
  features: [{name: arch-capabilities, policy: disable}, {name: vmx}]
memory: {size: 4 GiB}
disks:
  - name: root
    image: debian-12
    backing: full
    capacity: 20GiB
    format: raw
    pool: fast
    preallocation: full
    bus: scsi
    cache: none
    io: native
    discard: ignore
    bootOrder: 1
    serial: ROOT-1
    readOnly: true
  - {name: data, volume: db-data}
interfaces:
  - {name: lan, network: lab, model: e1000e, macAddress: 52:54:00:11:22:33, address: 192.168.140.10, bootOrder: 2, mtu: 9000}
  - {name: ext, bridge: br0, macAddress: auto}
graphics: [{type: vnc, listen: 0.0.0.0, port: 5901}]
console: {log: false}
rng: {source: /dev/hwrng}
guestAgent: false
autostart: true
stopTimeout: 5m
onPoweroff: preserve
onReboot: destroy
onCrash: preserve
protected: true
xml: [{xpath: ./a/@b, set: ""}, {xpath: ./c, add: <d/>}, {xpath: ./e, delete: true}]
)";

TEST(Breadth, ReadsEveryKeyOfAMachine) {
  EXPECT_EQ(flat(machine), (Map{{"name", "db01"},
                                {"labels.tier", "db"},
                                {"labels.note", ""},
                                {"domainType", "qemu"},
                                {"machine", "pc-q35-7.2"},
                                {"firmware.type", "efi"},
                                {"firmware.secureBoot", "true"},
                                {"boot.kernel", "/k"},
                                {"boot.initrd", "/i"},
                                {"boot.cmdline", "console=ttyS0 a=\"b\""},
                                {"cpu.count", "4"},
                                {"cpu.mode", "custom"},
                                {"cpu.model", "Skylake-Server"},
                                {"cpu.topology.cores", "2"},
                                {"cpu.topology.threads", "2"},
                                {"cpu.features", "arch-capabilities, vmx"},
                                {"cpu.features[arch-capabilities].name", "arch-capabilities"},
                                {"cpu.features[arch-capabilities].policy", "disable"},
                                {"cpu.features[vmx].name", "vmx"},
                                {"memory.size", "4GiB"},
                                {"disks", "root, data"},
                                {"disks[root].name", "root"},
                                {"disks[root].image", "debian-12"},
                                {"disks[root].backing", "full"},
                                {"disks[root].capacity", "20GiB"},
                                {"disks[root].format", "raw"},
                                {"disks[root].pool", "fast"},
                                {"disks[root].preallocation", "full"},
                                {"disks[root].bus", "scsi"},
                                {"disks[root].cache", "none"},
                                {"disks[root].io", "native"},
                                {"disks[root].discard", "ignore"},
                                {"disks[root].bootOrder", "1"},
                                {"disks[root].serial", "ROOT-1"},
                                {"disks[root].readOnly", "true"},
                                {"disks[data].name", "data"},
                                {"disks[data].volume", "db-data"},
                                {"interfaces", "lan, ext"},
                                {"interfaces[lan].name", "lan"},
                                {"interfaces[lan].network", "lab"},
                                {"interfaces[lan].model", "e1000e"},
                                {"interfaces[lan].macAddress", "52:54:00:11:22:33"},
                                {"interfaces[lan].address", "192.168.140.10"},
                                {"interfaces[lan].bootOrder", "2"},
                                {"interfaces[lan].mtu", "9000"},
                                {"interfaces[ext].name", "ext"},
                                {"interfaces[ext].bridge", "br0"},
                                {"graphics[0].listen", "0.0.0.0"},
                                {"graphics[0].port", "5901"},
                                {"console.log", "false"},
                                {"rng.source", "/dev/hwrng"},
                                {"guestAgent", "false"},
                                {"autostart", "true"},
                                {"stopTimeout", "5m"},
                                {"onPoweroff", "preserve"},
                                {"onReboot", "destroy"},
                                {"onCrash", "preserve"},
                                {"protected", "true"},
                                {"xml[0].xpath", "./a/@b"},
                                {"xml[0].set", ""},
                                {"xml[1].xpath", "./c"},
                                {"xml[1].add", "<d/>"},
                                {"xml[2].xpath", "./e"},
                                {"xml[2].delete", "true"}}));
}

TEST(Breadth, ReadsEveryKeyOfANetwork) {
  const Map expected{{"name", "lab"},
                     {"forward.mode", "route"},
                     {"forward.device", "eth0"},
                     {"bridge.name", "virbr10"},
                     {"bridge.stp", "true"},
                     {"bridge.delay", "2s"},
                     {"domain.name", "lab.internal"},
                     {"domain.localOnly", "true"},
                     {"mtu", "1500"},
                     {"addresses[0].address", "192.168.140.1/24"},
                     {"addresses[0].dhcp.ranges[0].start", "192.168.140.100"},
                     {"addresses[0].dhcp.ranges[0].end", "192.168.140.199"},
                     {"addresses[0].dhcp.ranges[0].leaseTime", "1h"},
                     {"addresses[0].dhcp.hosts[printer].name", "printer"},
                     {"addresses[0].dhcp.hosts[printer].macAddress", "52:54:00:00:00:07"},
                     {"addresses[0].dhcp.hosts[printer].address", "192.168.140.7"},
                     {"addresses[1].address", "fd12:3456:789a:1::1/64"},
                     {"addresses[2]", "{}"},
                     {"dns.forwarders[0].address", "9.9.9.9"},
                     {"dns.forwarders[0].domain", "example.org"},
                     {"dns.hosts[0].address", "192.168.140.1"},
                     {"dns.hosts[0].hostnames[0]", "gw"},
                     {"dns.hosts[0].hostnames[1]", "gw.lab.internal"},
                     {"autostart", "true"},
                     {"xml[0].xpath", "."},
                     {"xml[0].add", "<x/>"}};
  EXPECT_EQ(flat(R"(kind: Network
name: lab
forward: {mode: route, device: eth0}
bridge: {name: virbr10, stp: true, delay: 2s}
domain: {name: lab.internal, localOnly: true}
mtu: 1500
addresses:
  - address: 192.168.140.1/24
    dhcp:
      ranges: [{start: 192.168.140.100, end: 192.168.140.199, leaseTime: 1h}]
      hosts: [{name: printer, macAddress: 52:54:00:00:00:07, address: 192.168.140.7}]
  - address: fd12:3456:789a:1::1/64
  - address: auto
dns:
  forwarders: [{address: 9.9.9.9, domain: example.org}]
  hosts: [{address: 192.168.140.1, hostnames: [gw, gw.lab.internal]}]
autostart: true
xml: [{xpath: ., add: <x/>}]
)"),
            expected);
}

TEST(Breadth, ReadsEveryKeyOfAVolumeAndAnImage) {
  EXPECT_EQ(
      flat("kind: Volume\nname: v\npool: p\nformat: qcow2\ncapacity: 2G\npreallocation: metadata\nclusterSize: 2MiB\n"
           "lazyRefcounts: true\nonDelete: delete\n"),
      (Map{{"name", "v"},
           {"pool", "p"},
           {"capacity", "1953125KiB"},
           {"preallocation", "metadata"},
           {"clusterSize", "2MiB"},
           {"lazyRefcounts", "true"},
           {"onDelete", "delete"}}));
  const std::string sum = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(flat("kind: Image\nname: i\nsource: {file: /srv/i.qcow2}\nchecksum: " + sum + "\npool: p\n"),
            (Map{{"name", "i"}, {"source.file", "/srv/i.qcow2"}, {"checksum", sum}, {"pool", "p"}}));
}

TEST(Breadth, ReadsEveryKeyOfCloudInit) {
  const auto map = flat(
      "kind: VirtualMachine\nname: v\ncloudInit:\n  hostname: h\n  sshAuthorizedKeys: [{file: /k.pub}, {key: "
      "ssh-ed25519 AAAA me}]\n"
      "  userData: |\n    #cloud-config\n    a: no\n  networkConfig: {file: /net.yaml}\n");
  EXPECT_EQ(map.at("cloudInit.hostname"), "h");
  EXPECT_EQ(map.at("cloudInit.sshAuthorizedKeys[0].file"), "/k.pub");
  EXPECT_EQ(map.at("cloudInit.sshAuthorizedKeys[1].key"), "ssh-ed25519 AAAA me");
  EXPECT_EQ(map.at("cloudInit.userData"), "#cloud-config\na: no\n");
  EXPECT_EQ(map.at("cloudInit.networkConfig.file"), "/net.yaml");
}

TEST(Breadth, WhatEqualsItsDefaultIsNotWritten) {
  EXPECT_EQ(flat("kind: VirtualMachine\nname: v\n"), (Map{{"name", "v"}}));
  EXPECT_EQ(
      flat("kind: VirtualMachine\nname: v\nmachine: q35\nmemory: {size: 1024MiB}\ncpu: {}\nfirmware: {type: bios}\n"
           "console: {log: true}\ndomainType: auto\nstopTimeout: 90s\ndisks: []\n"),
      (Map{{"name", "v"}}));
  EXPECT_EQ(flat("kind: VirtualMachine\nname: v\ngraphics: [{}]\n"), (Map{{"name", "v"}, {"graphics[0]", "{}"}}));
}

TEST(Breadth, YamlsOwnTypesDoNoHarm) {
  const auto map = flat(
      "kind: VirtualMachine\nname: 1e3\nlabels: {a: no, b: 0x1F, c: 12:30:45, d: 2026-01-01, e: 'null'}\n"
      "disks: [{name: off, capacity: 1GiB, preallocation: off}]\n");
  EXPECT_EQ(map.at("name"), "1e3");
  EXPECT_EQ(map.at("labels.a"), "no");
  EXPECT_EQ(map.at("labels.b"), "0x1F");
  EXPECT_EQ(map.at("labels.c"), "12:30:45");
  EXPECT_EQ(map.at("labels.e"), "null");
  EXPECT_EQ(map.at("disks[off].name"), "off");
}

TEST(Breadth, AliasesStandForWhatTheyReferTo) {
  const auto map = flat("kind: VirtualMachine\nname: &n web\nlabels: {a: *n}\ncpu: &c {count: 2}\n");
  EXPECT_EQ(map.at("labels.a"), "web");
}

TEST(Breadth, PathsAreAbsoluteFromTheFolderOfTheFile) {
  const std::string text = "kind: Image\nname: i\nsource: {file: ../images/./i.qcow2}\n";
  const auto of_file = read_text(text, {}, "/srv/lab/m.yaml");
  EXPECT_EQ(std::get<model::Image>(of_file.manifest.documents.at(0).object).source_file, "/srv/images/i.qcow2");
  const auto of_input = read_text("kind: Image\nname: i\nsource: {file: i.qcow2}\n", {}, "-");
  EXPECT_EQ(std::get<model::Image>(of_input.manifest.documents.at(0).object).source_file,
            (std::filesystem::current_path() / "i.qcow2").native());
  const auto home = read_text("kind: Image\nname: i\nsource: {file: ~/i.qcow2}\n");
  EXPECT_EQ(std::get<model::Image>(home.manifest.documents.at(0).object).source_file,
            (std::filesystem::path(std::getenv("HOME")) / "i.qcow2").lexically_normal().native());
}

TEST(Provenance, KeepsNoSecretOfCloudInit) {
  const auto documents = documents_of(
      "kind: VirtualMachine\nname: v\ncloudInit:\n  userData: |\n    #cloud-config\n    password: hidden\n");
  EXPECT_EQ(documents.at(0).provenance.manifest.find("hidden"), std::string::npos);
  EXPECT_NE(documents.at(0).provenance.manifest.find("userData: sha256:"), std::string::npos);
}

TEST(Provenance, KeepsTheLinesOfTheDocumentAndADigestOfWhatTheyMean) {
  const Options a{{{"X", "web"}}, {}};
  const std::string text =
      "# first\nkind: Volume\nname: v\ncapacity: 1GiB\n---\nkind: VirtualMachine  # mine\nname: ${X}\n";
  const auto documents = documents_of(text, a);
  ASSERT_EQ(documents.size(), 2u);
  EXPECT_EQ(documents[0].provenance.manifest, "# first\nkind: Volume\nname: v\ncapacity: 1GiB\n");
  EXPECT_EQ(documents[1].provenance.manifest, "kind: VirtualMachine  # mine\nname: ${X}\n");
  EXPECT_EQ(documents[1].line, 6u);
  EXPECT_EQ(std::get<model::VirtualMachine>(documents[1].object).provenance, documents[1].provenance);
  EXPECT_EQ(documents[1].provenance.digest.size(), 64u);
  const auto same = documents_of("{name: web, kind: VirtualMachine, memory: {size: 1GiB}}\n");
  EXPECT_EQ(same.at(0).provenance.digest, documents[1].provenance.digest);
  const auto other = documents_of("{name: web, kind: VirtualMachine, memory: {size: 2GiB}}\n");
  EXPECT_NE(other.at(0).provenance.digest, documents[1].provenance.digest);
}

}  // namespace
}  // namespace vmtool::manifest
