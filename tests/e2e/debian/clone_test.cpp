// Debian with systemd, built from packages, cloned, and asked from the inside who it is.

#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <set>

#include "tests/e2e/debian/guest_shell.hpp"
#include "tests/e2e/scene.hpp"
#include "util/text.hpp"

namespace vmtool::tests {
namespace {

using testing::HasSubstr;

// Not of the prefix whose objects go after each test: an image takes minutes to build.
constexpr const char* image = "vt-debian";
constexpr std::chrono::minutes boot_limit{5};

struct Self {
  std::string machine_id;
  std::string dbus_id;
  std::string host_name;
  std::string host_keys;
  std::string address;
};

class Debian : public Scene {
 protected:
  static void SetUpTestSuite() {
    if (!reason_missing("root").empty() || !reason_missing("libvirt").empty()) return;
    ensure_default_pool();
    remove_objects(image);
    boot_files_.emplace();
    std::filesystem::permissions(boot_files_->path(), std::filesystem::perms(0755));
    const auto built = vmtool({"image", "build", image, "--size", "2GiB", "--boot-files", boot_files_->path()});
    EXPECT_EQ(built.exit_code, 0) << testing::PrintToString(built);
  }
  static void TearDownTestSuite() {
    remove_objects(prefix);
    remove_objects(image);
    boot_files_.reset();
  }
  void SetUp() override {
    for (const char* need : {"root", "libvirt", "tcg"}) VMTOOL_NEEDS(need);
    Scene::SetUp();
  }

  static std::string machine(const std::string& name, const std::string& boot) {
    return "kind: VirtualMachine\nname: " + name + "\ndomainType: qemu\ncpu: {count: 2}\nmemory: {size: 384MiB}\n" +
           boot + "disks: [{name: root, image: " + std::string(image) +
           "}]\ninterfaces: [{name: lan, network: vt-e2e-net}]\n";
  }
  static std::string direct_boot() {
    return "boot: {kernel: " + (boot_files_->path() / "vmlinuz").native() +
           ", initrd: " + (boot_files_->path() / "initrd.img").native() +
           ", cmdline: root=LABEL=root ro console=ttyS0 quiet}\n";
  }

  static void expect_ok(const std::vector<std::string>& args) {
    const auto result = vmtool(args);
    EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  }
  static void expect_up(const std::string& name) {
    const auto waited = vmtool({"wait", name, "--for", "ip", "--timeout", "5m"});
    ASSERT_EQ(waited.exit_code, 0) << testing::PrintToString(waited);
    ASSERT_TRUE(wait_for_agent(name, boot_limit)) << name;
  }
  static std::string lease_of(const std::string& name) {
    return std::string(util::trim(vmtool({"wait", name, "--for", "ip", "--timeout", "5m"}).out));
  }
  // The first boot makes keys, and is over when they are there.
  static Self self_of(const std::string& name) {
    inside(name, "systemctl is-system-running --wait");
    return {inside(name, "cat /etc/machine-id"), inside(name, "dbus-uuidgen --get"), inside(name, "hostname"),
            inside(name, "cat /etc/ssh/ssh_host_*_key.pub | cut -d' ' -f1,2"),
            inside(name, "ip -4 -o addr show scope global | awk '{print $4}' | cut -d/ -f1")};
  }

  // With the machine-id left as it is, the address is shared too, and `identity check` says so.
  static void expect_a_twin_of(const Self& source) {
    ASSERT_TRUE(wait_for_agent("vt-e2e-twin", boot_limit));
    const Self twin = self_of("vt-e2e-twin");
    EXPECT_EQ(twin.machine_id, source.machine_id);
    EXPECT_EQ(twin.address, source.address);
    const auto check = vmtool({"identity", "check", "vt-e2e-twin"});
    EXPECT_EQ(check.exit_code, 5);
    EXPECT_THAT(check.out, HasSubstr("machine-id"));
  }

  static std::optional<TempDir> boot_files_;
};

std::optional<TempDir> Debian::boot_files_;

TEST_F(Debian, ClonesAreFinishedAsSeenFromTheInside) {
  // The second machine shows, on the way, that the image boots by its own GRUB.
  define(network_yaml + "---\n" + machine("vt-e2e-source", direct_boot()) + "---\n" +
         machine("vt-e2e-efi", "firmware: {type: efi}\n"));
  expect_ok({"start", "vt-e2e-source", "vt-e2e-efi"});
  expect_up("vt-e2e-source");
  expect_up("vt-e2e-efi");
  const Self source = self_of("vt-e2e-source");
  EXPECT_THAT(source.machine_id, testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(inside("vt-e2e-efi", "cat /etc/machine-id"), source.machine_id) << "an image is nobody's yet";
  EXPECT_THAT(inside("vt-e2e-efi", "cat /proc/cmdline"), HasSubstr("BOOT_IMAGE=/vmlinuz"));
  expect_ok({"stop", "vt-e2e-source", "vt-e2e-efi"});

  // Cloned as other tools do it, so that what is asked of the others below can fail; before a linked clone makes its
  // source a base.
  expect_ok({"clone", "vt-e2e-source", "vt-e2e-twin", "--mode", "full", "--identity", "none"});
  std::map<std::string, nlohmann::json> reports;
  for (const auto& [name, mode] : {std::pair{"vt-e2e-linked", "linked"}, {"vt-e2e-full", "full"}}) {
    const auto cloned = json_of({"clone", "vt-e2e-source", name, "--mode", mode});
    ASSERT_EQ(cloned.at("clones").size(), 1U);
    reports[name] = cloned.at("clones").at(0);
  }
  // A linked clone makes its source a base, which is read-only by rule: the full clone stands in for it.
  expect_ok({"start", "vt-e2e-linked", "vt-e2e-full"});
  std::map<std::string, Self> selves;
  for (const auto& [name, report] : reports) {
    expect_up(name);
    const Self self = self_of(name);
    EXPECT_EQ(self.machine_id, report.at("machineId").get<std::string>()) << name;
    EXPECT_EQ(self.dbus_id, self.machine_id) << name;
    EXPECT_EQ(self.host_name, name);
    EXPECT_NE(self.machine_id, source.machine_id) << name;
    EXPECT_NE(self.host_keys, source.host_keys) << name;
    for (const auto& key : report.at("hostPublicKeys")) {
      const auto words = util::split(key.get<std::string>(), ' ');
      ASSERT_GE(words.size(), 2U);
      EXPECT_THAT(self.host_keys, HasSubstr(words[0] + " " + words[1])) << name;
    }
    EXPECT_EQ(self.address, lease_of(name)) << name;
    EXPECT_EQ(inside(name, "systemctl --failed --no-legend --plain"), "") << name;
    selves[name] = self;
  }
  const Self& linked = selves.at("vt-e2e-linked");
  const Self& full = selves.at("vt-e2e-full");
  EXPECT_NE(linked.machine_id, full.machine_id);
  EXPECT_NE(linked.host_keys, full.host_keys);
  EXPECT_EQ(std::set({source.address, linked.address, full.address}).size(), 3U);

  // One of them is renewed as it runs, and cloned as it runs.
  const auto renewed = json_of({"identity", "reset", "vt-e2e-full", "--yes", "--hostname", "renewed"});
  EXPECT_EQ(inside("vt-e2e-full", "cat /etc/machine-id"), renewed.at("machineId").get<std::string>());
  EXPECT_NE(renewed.at("machineId").get<std::string>(), full.machine_id);
  EXPECT_EQ(inside("vt-e2e-full",
                   "cat /etc/hostname; hostname; stat -c %a /etc/machine-id; find /etc /var/lib -name '.vmtool*'"),
            "renewed\nrenewed\n444");
  const std::string keys = inside("vt-e2e-full", "cat /etc/ssh/ssh_host_*_key.pub");
  for (const auto& key : renewed.at("hostPublicKeys")) EXPECT_THAT(keys, HasSubstr(key.get<std::string>()));
  EXPECT_EQ(inside("vt-e2e-full", "sshd -t && echo good"), "good");
  inside("vt-e2e-full", "echo not yet on the disk > /var/marker");
  const auto live = vmtool({"clone", "vt-e2e-full", "vt-e2e-live", "--live", "-o", "json"});
  ASSERT_EQ(live.exit_code, 0) << testing::PrintToString(live);
  EXPECT_THAT(live.err, testing::Not(HasSubstr("power cut"))) << "its filesystems were frozen for a moment";
  expect_ok({"start", "vt-e2e-live", "vt-e2e-twin"});
  expect_up("vt-e2e-live");
  EXPECT_EQ(inside("vt-e2e-live", "cat /etc/machine-id"),
            nlohmann::json::parse(live.out).at("clones").at(0).at("machineId").get<std::string>());
  EXPECT_EQ(inside("vt-e2e-live", "cat /var/marker"), "not yet on the disk");
  expect_a_twin_of(source);
}

}  // namespace
}  // namespace vmtool::tests
