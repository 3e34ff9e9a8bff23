// The stage of the clone tests; kept in a *_test.cpp so that it is part of the program.
#include "tests/integration/ops/clone_scene.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ops/transaction.hpp"
#include "util/error.hpp"
#include "util/file.hpp"

namespace vmtool::tests {
namespace {

constexpr const char* network_xml =
    "<network><name>vt-clone-net</name><bridge name='vtclone0'/><ip address='10.217.9.1' netmask='255.255.255.0'><dhcp>"
    "<range start='10.217.9.100' end='10.217.9.199'/><host mac='52:54:00:c1:00:01' name='vt-clone-src' "
    "ip='10.217.9.10'/></dhcp></ip></network>";

// A machine that another tool could have made: no word of vmtool in it.
std::string machine_xml(const std::filesystem::path& folder, const std::filesystem::path& state) {
  return fmt::format(R"(<domain type='qemu'>
  <name>vt-clone-src</name>
  <uuid>11111111-2222-4333-8444-5555555555c1</uuid>
  <genid>aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeec1</genid>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
    <nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>{1}/vt-clone-src_VARS.fd</nvram>
  </os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{0}/vt-clone-src-root.qcow2'/><target dev='vda' bus='virtio'/><serial>SRCROOT</serial></disk>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{0}/vt-clone-src-data.raw'/><target dev='vdb' bus='virtio'/></disk>
    <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{0}/vt-clone-reference.raw'/><target dev='vdc' bus='virtio'/><readonly/></disk>
    <interface type='network'><mac address='52:54:00:c1:00:01'/><source network='vt-clone-net'/><model type='virtio'/></interface>
    <serial type='file'><source path='{1}/vt-clone-src-serial.log'/></serial>
  </devices>
</domain>)",
                     folder.native(), state.native());
}

}  // namespace

void CloneScene::SetUp() {
  VMTOOL_NEEDS("root");
  VMTOOL_NEEDS("libvirt");
  remove_leftovers();
  is_set_up_ = true;
  ::setenv("VMTOOL_LIBEXEC_DIR", (std::filesystem::path(std::getenv("VMTOOL_BUILD_DIR")) / "src/identity").c_str(), 1);
  for (const auto& folder : {pool_dir_.path(), firmware_dir_.path()})
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
  util::run_checked({.args = {"virsh", "pool-create-as", clone_pool, "dir", "--target", pool_dir_.path()}});
  guest_.write("etc/systemd/network/10-lan.network", "[Match]\nMACAddress=52:54:00:c1:00:01\n[Network]\nDHCP=yes\n");
  const auto raw = scratch_.path() / "root.raw";
  make_ext(raw, guest_, {"-t", "ext4"});
  util::run_checked({.args = {"qemu-img", "convert", "-O", "qcow2", raw, pool_file("vt-clone-src-root.qcow2")}});
  pool_dir_.write("vt-clone-src-data.raw", std::string(1 << 20, 'd'));
  pool_dir_.write("vt-clone-reference.raw", std::string(1 << 20, 'r'));
  std::filesystem::copy_file("/usr/share/OVMF/OVMF_VARS_4M.fd", firmware_dir_.path() / "vt-clone-src_VARS.fd");
  const virt::Connection connection = connect();
  connection.define_network(network_xml);
  connection.define_domain(machine_xml(pool_dir_.path(), firmware_dir_.path()));
  connection.find_pool(clone_pool)->refresh();
}

void CloneScene::TearDown() {
  if (is_set_up_) remove_leftovers();
}

void CloneScene::remove_leftovers() {
  const virt::Connection connection = connect();
  for (const virt::Domain& domain : connection.domains()) {
    if (!domain.name().starts_with("vt-clone-")) continue;
    if (virt::is_active(domain.state())) domain.destroy();
    domain.undefine();
  }
  if (const auto network = connection.find_network(clone_network)) {
    if (network->is_active()) network->destroy();
    network->undefine();
  }
  if (const auto pool = connection.find_pool(clone_pool)) pool->destroy();
}

ops::CloneOptions CloneScene::options(ops::CloneMode mode, std::vector<std::string> names) const {
  ops::CloneOptions options;
  options.source = clone_source;
  options.names = std::move(names);
  options.mode = mode;
  return options;
}

ops::CloneHooks CloneScene::hooks(ops::Observer observer) const {
  ops::CloneHooks hooks;
  hooks.observer = std::move(observer);
  hooks.state_dir = state_dir();
  return hooks;
}

std::vector<ops::CloneReport> CloneScene::clone(const ops::CloneOptions& options, ops::Observer observer) {
  return ops::clone(connect(), options, reporter_, hooks(std::move(observer)));
}

util::Error CloneScene::error_of(const ops::CloneOptions& options) {
  try {
    clone(options);
  } catch (const util::Error& error) {
    return error;
  }
  return {util::Errc::internal, "nothing was thrown"};
}

std::vector<std::string> CloneScene::traces() const {
  std::vector<std::string> found;
  const virt::Connection connection = connect();
  for (const virt::Domain& domain : connection.domains()) {
    if (domain.name().starts_with("vt-clone-")) found.push_back("machine " + domain.name());
  }
  const std::string network = connection.find_network(clone_network)->xml(virt::Flavor::inactive);
  for (std::size_t at = network.find(" ip='"); at != std::string::npos; at = network.find(" ip='", at + 1)) {
    found.push_back("reservation " + network.substr(at + 5, network.find('\'', at + 5) - at - 5));
  }
  for (const virt::Volume& volume : connection.find_pool(clone_pool)->volumes())
    found.push_back("volume " + volume.name());
  for (const auto& folder : {pool_dir_.path(), firmware_dir_.path()}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().native();
      // A start of the source makes it.
      if (name != "vt-clone-src-serial.log") found.push_back("file " + name);
    }
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state_dir())) {
    if (!entry.is_directory()) found.push_back("journal " + entry.path().filename().native());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string CloneScene::source_print() const {
  std::string print = connect().find_domain(clone_source)->xml(virt::Flavor::inactive);
  for (const char* name : {"vt-clone-src-root.qcow2", "vt-clone-src-data.raw", "vt-clone-reference.raw"})
    print += digest(pool_file(name)) + "\n";
  print += digest(firmware_dir_.path() / "vt-clone-src_VARS.fd");
  return print;
}

void CloneScene::expect_that_the_source_starts() {
  const auto virsh = [](std::vector<std::string> args) {
    args.insert(args.begin(), {"virsh", "-c", "qemu:///system"});
    return util::run({.args = std::move(args)});
  };
  virsh({"net-start", clone_network});
  const auto started = virsh({"start", "--paused", clone_source});
  EXPECT_EQ(started.exit_code, 0) << started.err;
  virsh({"destroy", clone_source});
}

std::string CloneScene::inside(const std::string& disk_path, const std::string& guest_path) const {
  const auto raw = scratch_.path() / "look.raw";
  util::run_checked({.args = {"qemu-img", "convert", "-O", "raw", disk_path, raw}});
  return guest_file(raw, guest_path);
}

}  // namespace vmtool::tests
