// vmtool identity and vmtool template, on machines that another tool has defined.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "tests/e2e/scene.hpp"
#include "tests/support/guest_image.hpp"

namespace vmtool::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Identity : public Scene {
 protected:
  void SetUp() override {
    Scene::SetUp();
    if (IsSkipped()) return;
    ::setenv("VMTOOL_STATE_DIR", (dir_.path() / "state").c_str(), 1);
    files_.remove("var/lib/dbus/machine-id");
    files_.write("var/lib/dbus/machine-id", std::string(old_machine_id) + "\n");
  }
  void TearDown() override {
    ::unsetenv("VMTOOL_STATE_DIR");
    Scene::TearDown();
  }

  std::filesystem::path image(const std::string& name) const {
    return std::filesystem::path("/var/lib/libvirt/images") / (prefix + name);
  }

  // A raw disk with the guest on it, and a machine that has it.
  void add_machine(const std::string& name, const std::string& mac) const {
    make_ext(image(name), files_, {"-t", "ext4"});
    define_machine(name, mac, "raw", image(name));
  }
  void define_machine(const std::string& name, const std::string& mac, const std::string& format,
                      const std::filesystem::path& disk) const {
    virsh({"pool-refresh", "default"});
    const auto file =
        dir_.write(name + ".xml", "<domain type='qemu'><name>" + (prefix + name) +
                                      "</name><memory unit='MiB'>32</memory>"
                                      "<os><type arch='x86_64'>hvm</type></os><devices><disk type='file' device='disk'>"
                                      "<driver name='qemu' type='" +
                                      format + "'/><source file='" + disk.native() +
                                      "'/><target dev='vda' bus='virtio'/></disk>"
                                      "<interface type='user'><mac address='" +
                                      mac + "'/></interface></devices></domain>");
    const auto result = virsh({"define", file.native()});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  static std::string value_of(const nlohmann::json& rows, const std::string& what) {
    for (const auto& row : rows) {
      if (row.at("what") == what && row.at("value").is_string()) return row.at("value");
    }
    return "nothing";
  }

  static std::vector<std::string> shared_kinds(const std::string& output) {
    const auto record = nlohmann::json::parse(output);
    std::vector<std::string> kinds;
    for (const auto& row : record.at("shared")) kinds.push_back(row.at("what"));
    return kinds;
  }

  GuestFiles files_;
};

TEST_F(Identity, IsShownFromTheDefinitionAndFromTheDisk) {
  add_machine("a", "52:54:00:00:00:01");
  const auto shown = json_of({"identity", "show", "vt-e2e-a"});
  EXPECT_EQ(value_of(shown.at("definition"), "mac"), "52:54:00:00:00:01");
  EXPECT_EQ(value_of(shown.at("definition"), "disk"), image("a").native());
  EXPECT_EQ(value_of(shown.at("guest"), "machine-id"), old_machine_id);
  EXPECT_EQ(value_of(shown.at("guest"), "hostname"), "golden");
  EXPECT_THAT(value_of(shown.at("guest"), "ssh-host-keys"), HasSubstr("SHA256:"));
  EXPECT_TRUE(shown.at("unread").is_null());
  EXPECT_THAT(vmtool({"identity", "show", "vt-e2e-a"}).out, HasSubstr(old_machine_id));
  const auto missing = vmtool({"identity", "show", "vt-e2e-aa"});
  EXPECT_EQ(missing.exit_code, 4);
  EXPECT_THAT(missing.err, HasSubstr("did you mean 'vt-e2e-a'"));
}

TEST_F(Identity, SharedWithACopyIsFoundAndResetMakesItUnique) {
  add_machine("a", "52:54:00:00:00:01");
  add_machine("b", "52:54:00:00:00:01");
  const auto shared = vmtool({"identity", "check", "vt-e2e-a", "-o", "json"});
  EXPECT_EQ(shared.exit_code, 5) << testing::PrintToString(shared);
  const std::vector<std::string> kinds = shared_kinds(shared.out);
  for (const char* kind : {"mac", "machine-id", "ssh-host-keys", "hostname", "cloud-init"})
    EXPECT_THAT(kinds, Contains(kind)) << kind;
  EXPECT_THAT(kinds, Not(Contains("uuid")));
  EXPECT_THAT(vmtool({"identity", "check", "--all"}).out, HasSubstr("vt-e2e-a, vt-e2e-b"));

  const auto reset = vmtool({"identity", "reset", "vt-e2e-b", "--hostname", "web", "--yes", "-o", "json"});
  ASSERT_EQ(reset.exit_code, 0) << testing::PrintToString(reset);
  const auto record = nlohmann::json::parse(reset.out);
  EXPECT_EQ(fsck(image("b")), "");
  EXPECT_EQ(guest_file(image("b"), "/etc/machine-id"), record.at("machineId").get<std::string>() + "\n");
  EXPECT_EQ(guest_file(image("b"), "/var/lib/dbus/machine-id"), record.at("machineId").get<std::string>() + "\n");
  EXPECT_EQ(guest_file(image("b"), "/etc/hostname"), "web\n");
  // Its card is the one that it had.
  EXPECT_THAT(guest_file(image("b"), "/etc/systemd/network/10-lan.network"), HasSubstr("52:54:00:00:00:01"));
  EXPECT_EQ(guest_file(image("a"), "/etc/machine-id"), std::string(old_machine_id) + "\n");

  const auto again = vmtool({"identity", "check", "vt-e2e-b", "-o", "json"});
  EXPECT_THAT(shared_kinds(again.out), testing::ElementsAre("mac")) << again.out;
}

TEST_F(Identity, ADiskThatCannotBeReadIsNamedWithItsReason) {
  std::ofstream(image("w"), std::ios::binary) << std::string(1 << 20, '\0');
  define_machine("w", "52:54:00:00:00:09", "raw", image("w"));
  const auto result = vmtool({"identity", "check", "vt-e2e-w"});
  EXPECT_EQ(result.exit_code, 0) << testing::PrintToString(result);
  EXPECT_THAT(result.err, HasSubstr("the inside of 'vt-e2e-w' was not compared: no root filesystem"));
  const auto shown = json_of({"identity", "show", "vt-e2e-w"});
  EXPECT_TRUE(shown.at("guest").is_null());
  EXPECT_THAT(shown.at("unread").get<std::string>(), HasSubstr("nothing known"));
}

TEST_F(Identity, WrongWordsChangeNothing) {
  add_machine("a", "52:54:00:00:00:01");
  const std::string before = digest(image("a"));
  EXPECT_EQ(vmtool({"identity", "check"}).exit_code, 2);
  EXPECT_EQ(vmtool({"identity", "check", "--all", "vt-e2e-a"}).exit_code, 2);
  EXPECT_EQ(vmtool({"identity", "reset", "vt-e2e-a"}).exit_code, 2) << "nobody was asked";
  for (const auto& words : std::vector<std::vector<std::string>>{{"--machine-id", "abc"},
                                                                 {"--keep", "hostnam"},
                                                                 {"--only", "all"},
                                                                 {"--clean", "hostname"},
                                                                 {"--hostname", "-a-"},
                                                                 {"--address", "10.0.0"}}) {
    std::vector<std::string> args{"identity", "reset", "vt-e2e-a", "--yes"};
    args.insert(args.end(), words.begin(), words.end());
    const auto result = vmtool(args);
    EXPECT_EQ(result.exit_code, 3) << testing::PrintToString(result);
    EXPECT_EQ(count_errors(result.err), 1) << result.err;
  }
  EXPECT_EQ(digest(image("a")), before);
  EXPECT_FALSE(std::filesystem::exists(dir_.path() / "state" / "journal" / "identity-vt-e2e-a.undo"));
}

TEST_F(Identity, ABaseAndARunningMachineAreNeverReset) {
  add_machine("a", "52:54:00:00:00:01");
  ASSERT_EQ(virsh({"vol-create-as", "default", "vt-e2e-top.qcow2", "24M", "--format", "qcow2", "--backing-vol",
                   image("a").native(), "--backing-vol-format", "raw"})
                .exit_code,
            0);
  const std::string before = digest(image("a"));
  const auto base = vmtool({"identity", "reset", "vt-e2e-a", "--yes"});
  EXPECT_EQ(base.exit_code, 5) << testing::PrintToString(base);
  EXPECT_THAT(base.err, HasSubstr("vt-e2e-top.qcow2"));
  EXPECT_EQ(digest(image("a")), before);
  virsh({"vol-delete", "vt-e2e-top.qcow2", "default"});

  ASSERT_EQ(virsh({"start", "vt-e2e-a"}).exit_code, 0);
  const auto running = vmtool({"identity", "reset", "vt-e2e-a", "--yes"});
  EXPECT_EQ(running.exit_code, 5) << testing::PrintToString(running);
  EXPECT_THAT(running.err, HasSubstr("is running"));
  EXPECT_EQ(value_of(json_of({"identity", "show", "vt-e2e-a"}).at("guest"), "machine-id"), old_machine_id)
      << "looking is allowed";
}

TEST_F(Identity, AKilledResetIsUndoneByRecover) {
  add_machine("a", "52:54:00:00:00:01");
  const std::string before = digest(image("a"));
  int interrupted = 0;
  for (int delay = 10; delay < 130; delay += 15) {
    const char* program = std::getenv("VMTOOL_PROGRAM");
    util::Child child =
        util::spawn({{program, "--connect", "qemu:///system", "identity", "reset", "vt-e2e-a", "--yes"}}, {});
    ::usleep(static_cast<useconds_t>(delay) * 1000);
    child.stop();
    const auto undo = dir_.path() / "state" / "journal" / "identity-vt-e2e-a.undo";
    if (std::filesystem::exists(undo)) {
      ++interrupted;
      const auto start = vmtool({"start", "vt-e2e-a"});
      EXPECT_EQ(start.exit_code, 5) << testing::PrintToString(start);
      EXPECT_THAT(start.err, HasSubstr("vmtool recover"));
      EXPECT_EQ(vmtool({"identity", "reset", "vt-e2e-a", "--yes"}).exit_code, 5);
      const auto recover = vmtool({"recover"});
      EXPECT_EQ(recover.exit_code, 0) << testing::PrintToString(recover);
      EXPECT_EQ(digest(image("a")), before) << "killed after " << delay << " ms";
      EXPECT_FALSE(std::filesystem::exists(undo));
    }
    EXPECT_EQ(fsck(image("a")), "");
    if (digest(image("a")) != before) make_ext(image("a"), files_, {"-t", "ext4"});  // it had ended before the kill
    if (digest(image("a")) != before) break;
  }
  EXPECT_EQ(vmtool({"recover"}).exit_code, 0);
  RecordProperty("interrupted", interrupted);
}

TEST_F(Identity, ATemplateIsEmptiedAndNotStartedByMistake) {
  add_machine("gold", "52:54:00:00:00:01");
  EXPECT_EQ(vmtool({"template", "seal", "vt-e2e-gold", "--machine-id", "random", "--yes"}).exit_code, 3);
  const auto sealed = vmtool({"template", "seal", "vt-e2e-gold", "--yes"});
  ASSERT_EQ(sealed.exit_code, 0) << testing::PrintToString(sealed);
  EXPECT_EQ(fsck(image("gold")), "");
  EXPECT_EQ(guest_file(image("gold"), "/etc/machine-id"), "");
  EXPECT_THAT(debugfs(image("gold"), "stat /var/lib/dbus/machine-id"), HasSubstr("link dest: \"/etc/machine-id\""));
  EXPECT_EQ(json_of({"template", "list"}).at("templates").at(0).at("name"), "vt-e2e-gold");
  EXPECT_THAT(virsh({"dumpxml", "vt-e2e-gold"}).out, HasSubstr("urn:vmtool:template:1"));

  const auto start = vmtool({"start", "vt-e2e-gold"});
  EXPECT_EQ(start.exit_code, 5) << testing::PrintToString(start);
  EXPECT_THAT(start.err, HasSubstr("is a template"));
  EXPECT_EQ(vmtool({"template", "seal", "vt-e2e-gold", "--yes"}).exit_code, 5);
  EXPECT_EQ(vmtool({"delete", "vt-e2e-gold", "--yes"}).exit_code, 5);
  EXPECT_EQ(vmtool({"start", "vt-e2e-gold", "--force"}).exit_code, 0);
  EXPECT_EQ(vmtool({"stop", "vt-e2e-gold", "--force"}).exit_code, 0);
  EXPECT_EQ(vmtool({"template", "unseal", "vt-e2e-gold"}).exit_code, 0);
  EXPECT_EQ(vmtool({"template", "unseal", "vt-e2e-gold"}).exit_code, 5);
  EXPECT_EQ(json_of({"template", "list"}).at("templates").size(), 0U);
  EXPECT_EQ(vmtool({"delete", "vt-e2e-gold", "--yes"}).exit_code, 0);
}

}  // namespace
}  // namespace vmtool::tests
