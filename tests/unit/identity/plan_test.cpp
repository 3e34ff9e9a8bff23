#include "tests/unit/identity/plan_guest.hpp"

#include "identity/machine_id.hpp"

namespace vmtool::identity {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(MachineId, RegularFilesInBothPlacesGetTheSameNewId) {
  const Plan plan = Guest().file(etc_id, std::string(old_id) + "\n").file(dbus_id, std::string(old_id) + "\n").plan();
  EXPECT_EQ(plan.edits,
            (std::vector<Edit>{write(etc_id, std::string(sevens) + "\n"), write(dbus_id, std::string(sevens) + "\n")}));
  EXPECT_EQ(plan.report.machine_id, sevens);
  EXPECT_EQ(outcome(plan, "machine-id").old_value, old_id);
}

TEST(MachineId, ALinkStaysALink) {
  const Plan plan = Guest().file(etc_id, old_id).link(dbus_id, etc_id, old_id).plan();
  EXPECT_EQ(plan.edits, (std::vector<Edit>{write(etc_id, std::string(sevens) + "\n")}));
  EXPECT_EQ(outcome(plan, "machine-id", dbus_id).status, Status::kept);
}

TEST(MachineId, EmptiedMakesTheCopyALinkSoThatItIsNotCopiedBack) {
  for (const auto& [mode, content] : {std::pair{"empty", ""}, std::pair{"uninitialized", "uninitialized\n"}}) {
    Options options;
    options.machine_id = mode;
    const Plan plan = Guest().file(etc_id, old_id).file(dbus_id, old_id).plan(options);
    EXPECT_EQ(plan.edits, (std::vector<Edit>{write(etc_id, content), link(dbus_id, etc_id)})) << mode;
    EXPECT_EQ(plan.report.machine_id, "");
  }
}

TEST(MachineId, CanBeTheMachinesUuidOrAGivenOne) {
  Options options;
  options.machine_id = "uuid";
  options.uuid = "12345678-9abc-4def-8012-3456789abcde";
  EXPECT_EQ(Guest().file(etc_id, old_id).plan(options).report.machine_id, "123456789abc4def80123456789abcde");
  options.machine_id = std::string(32, 'a');
  EXPECT_EQ(Guest().file(etc_id, old_id).plan(options).report.machine_id, std::string(32, 'a'));
}

TEST(MachineId, ThatTheSourceHasIsRefused) {
  Options options;
  options.machine_id = old_id;
  EXPECT_THAT(message_of([&] { Guest().file(etc_id, old_id).plan(options); }), ::testing::HasSubstr("has already"));
}

TEST(MachineId, MissingIsMadeSinceAReadOnlyRootCannotMakeIt) {
  const Plan plan = Guest().plan();
  ASSERT_EQ(plan.edits.size(), 1U);
  EXPECT_EQ(plan.edits[0].path, etc_id);
  EXPECT_EQ(plan.edits[0].owner.mode, 0444U);
}

TEST(MachineId, NeverOverwritesAnotherFile) {
  EXPECT_THAT(message_of([] { Guest().link(etc_id, "/etc/shadow", "root:x:1::").plan(); }),
              ::testing::HasSubstr("is a link to '/etc/shadow', which holds no machine-id"));
  EXPECT_THAT(message_of([] { Guest().link(etc_id, "/run/machine-id", "", true).plan(); }),
              ::testing::HasSubstr("leads nowhere"));
  EXPECT_THAT(message_of([] { Guest().directory(etc_id).plan(); }), ::testing::HasSubstr("not a regular file"));
  EXPECT_THAT(message_of([] { Guest().file(etc_id, old_id).directory(dbus_id).plan(); }),
              ::testing::HasSubstr("not a regular file"));
}

TEST(MachineId, ACopyThatLinksElsewhereBecomesALinkToTheId) {
  const Plan plan = Guest().file(etc_id, old_id).link(dbus_id, "/nowhere", "", true).plan();
  EXPECT_THAT(plan.edits, Contains(link(dbus_id, etc_id)));
}

TEST(MachineId, TracesOfTheOldIdAreReported) {
  const Plan plan =
      Guest()
          .file(etc_id, old_id)
          .file("/boot/loader/entries/" + std::string(old_id) + "-6.1.conf", "options systemd.machine_id=1\n")
          .directory("/var/log/journal/" + std::string(old_id))
          .plan();
  EXPECT_EQ(plan.report.warnings.size(), 2U);
}

TEST(MachineId, BindsADiscoverableVar) {
  // systemd-id128 machine-id --app-specific=4d21b016-b534-45c2-a9fb-5c16e091fd2d computes the same for this id.
  EXPECT_EQ(var_partition_uuid(old_id), "c0c46eff-e386-4746-a2bd-0962cd326ea2");
  EXPECT_TRUE(is_machine_id(old_id));
  EXPECT_FALSE(is_machine_id(std::string(32, '0')));
  EXPECT_FALSE(is_machine_id("0123456789ABCDEF0123456789ABCDEF"));
}

TEST(HostKeysItem, AreReplacedAndTheirCertificatesRemoved) {
  const Plan plan = Guest()
                        .file("/etc/ssh/ssh_host_ed25519_key", "old")
                        .file("/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAA a")
                        .file("/etc/ssh/ssh_host_ed25519_key-cert.pub", "cert")
                        .plan({}, {{{"ed25519", 0}, "new private", "ssh-ed25519 AAAB b\n"}});
  EXPECT_THAT(plan.edits, Contains(write("/etc/ssh/ssh_host_ed25519_key", "new private")));
  EXPECT_THAT(plan.edits, Contains(write("/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAB b\n")));
  EXPECT_THAT(plan.edits, Contains(removal("/etc/ssh/ssh_host_ed25519_key-cert.pub")));
  EXPECT_THAT(plan.report.host_public_keys, Contains("ssh-ed25519 AAAB b"));
}

TEST(HostKeysItem, OfATypeThatCannotBeMadeStayAndAreReported) {
  const Plan plan = Guest().file("/etc/ssh/ssh_host_dsa_key", "old").plan();
  EXPECT_EQ(outcome(plan, "ssh-host-keys").status, Status::not_possible);
  EXPECT_THAT(plan.edits, Not(Contains(write("/etc/ssh/ssh_host_dsa_key", ""))));
}

TEST(Hostname, IsReplacedInEveryFileThatNamesTheHost) {
  Options options;
  options.hostname = "web";
  const Plan plan =
      Guest()
          .file("/etc/hostname", "golden\n")
          .file("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 golden.example.org golden\n10.0.0.1 golden2 goldener\n")
          .file("/etc/mailname", "golden.example.org\n")
          .plan(options);
  EXPECT_THAT(plan.edits, Contains(write("/etc/hostname", "web\n")));
  EXPECT_THAT(
      plan.edits,
      Contains(write("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 web.example.org web\n10.0.0.1 golden2 goldener\n")));
  EXPECT_THAT(plan.edits, Contains(write("/etc/mailname", "web.example.org\n")));
}

TEST(Hostname, WithADomainBringsItsOwn) {
  Options options;
  options.hostname = "web.lab.net";
  const Plan plan = Guest()
                        .file("/etc/hostname", "golden.example.org\n")
                        .file("/etc/hosts", "127.0.1.1 golden.example.org golden\n")
                        .plan(options);
  EXPECT_THAT(plan.edits, Contains(write("/etc/hosts", "127.0.1.1 web.lab.net web\n")));
}

TEST(Hostname, OfLocalhostLeavesTheHostsFileAlone) {
  Options options;
  options.hostname = "web";
  const Plan plan =
      Guest().file("/etc/hostname", "localhost\n").file("/etc/hosts", "127.0.0.1 localhost\n").plan(options);
  EXPECT_THAT(plan.edits, Not(Contains(write("/etc/hosts", "127.0.0.1 web\n"))));
}

TEST(Seeds, KeepTheirSizeAndTheSecretStaysWhereItIsNeeded) {
  const Plan plan = Guest()
                        .file("/var/lib/systemd/random-seed", std::string(512, 'x'))
                        .file("/var/lib/systemd/credential.secret", "s")
                        .plan();
  EXPECT_THAT(plan.edits, Contains(write("/var/lib/systemd/random-seed", std::string(512, '\7'))));
  EXPECT_THAT(plan.edits, Contains(removal("/var/lib/systemd/credential.secret")));
  const Plan sealed =
      Guest().file("/var/lib/systemd/credential.secret", "s").file("/etc/credstore.encrypted/db", "c").plan();
  EXPECT_EQ(outcome(sealed, "credential-secret").status, Status::not_possible);
}

TEST(Leases, AreRemovedAndFixedClientIdsReported) {
  const Plan plan = Guest()
                        .file("/var/lib/dhcp/dhclient.eth0.leases", "lease {}")
                        .file("/var/lib/NetworkManager/secret_key", "k")
                        .file("/etc/systemd/networkd.conf", "[DHCPv4]\nDUIDRawData=00:01\n")
                        .file("/etc/dhcp/dhclient.conf", "# send dhcp-client-identifier x\n")
                        .plan();
  EXPECT_THAT(plan.edits, Contains(removal("/var/lib/dhcp/dhclient.eth0.leases")));
  EXPECT_THAT(plan.edits, Contains(removal("/var/lib/NetworkManager/secret_key")));
  EXPECT_EQ(plan.report.warnings.size(), 1U);
}

TEST(Macs, AreRewrittenAndUnknownOnesReported) {
  Options options;
  options.macs = {{"52:54:00:00:00:01", "52:54:00:00:00:02"}};
  const Plan plan = Guest()
                        .file("/etc/netplan/a.yaml", "macaddress: 52:54:00:00:00:01\n")
                        .file("/etc/udev/rules.d/70-persistent-net.rules", "ATTR{address}==\"52:54:00:00:00:09\"")
                        .plan(options);
  EXPECT_THAT(plan.edits, Contains(write("/etc/netplan/a.yaml", "macaddress: 52:54:00:00:00:02\n")));
  EXPECT_EQ(outcome(plan, "mac-addresses", "/etc/udev/rules.d/70-persistent-net.rules").status, Status::not_possible);
}

TEST(Address, ThatWouldBeSharedIsRefusedUnlessKeptOrReplaced) {
  const Guest guest = Guest()
                          .file("/etc/systemd/network/a.network",
                                "[Match]\nMACAddress=52:54:00:00:00:01\n[Network]\nAddress=10.0.0.5/24\n")
                          .file("/etc/hosts", "10.0.0.5 golden\n");
  EXPECT_THAT(message_of([&] { guest.plan(); }), ::testing::HasSubstr("fixes the address '10.0.0.5/24'"));
  Options keep;
  keep.keep = {"address"};
  EXPECT_EQ(outcome(guest.plan(keep), "address").status, Status::kept);
  Options replaced;
  replaced.addresses = {{"", "10.0.0.6"}};
  replaced.macs = {{"52:54:00:00:00:01", "52:54:00:00:00:02"}};
  const Plan plan = guest.plan(replaced);
  EXPECT_THAT(plan.edits, Contains(write("/etc/systemd/network/a.network",
                                         "[Match]\nMACAddress=52:54:00:00:00:02\n[Network]\nAddress=10.0.0.6/24\n")));
  EXPECT_THAT(plan.edits, Contains(write("/etc/hosts", "10.0.0.6 golden\n")));
}

TEST(Show, ReportsWhatWouldBeRefused) {
  Facts facts;
  Fact network;
  network.path = network.real_path = "/etc/systemd/network/a.network";
  network.kind = Kind::file;
  network.content = "Address=10.0.0.5/24\n";
  network.has_content = true;
  facts.add(network);
  Fact id;
  id.path = etc_id;
  id.is_link = true;
  id.kind = Kind::symlink;
  facts.add(id);
  const Plan plan = make_plan(facts, {}, {fill_with_seven, {}}, Mode::show);
  EXPECT_EQ(outcome(plan, "address").status, Status::not_possible);
  EXPECT_EQ(outcome(plan, "address").old_value, "10.0.0.5/24");
  EXPECT_EQ(outcome(plan, "machine-id").status, Status::not_possible);
}

TEST(CloudInit, ForgetsItsInstanceChildrenFirst) {
  const Plan plan = Guest()
                        .directory("/var/lib/cloud/instances/i-1")
                        .file("/var/lib/cloud/instances/i-1/obj.pkl", "")
                        .file("/var/lib/cloud/data/instance-id", "i-1\n")
                        .file("/var/lib/cloud/seed/nocloud/meta-data", "local-hostname: a\ninstance-id: i-1\n")
                        .plan();
  const auto at = [&](const Edit& edit) { return std::find(plan.edits.begin(), plan.edits.end(), edit); };
  EXPECT_LT(at(removal("/var/lib/cloud/instances/i-1/obj.pkl")), at(removal("/var/lib/cloud/instances/i-1")));
  EXPECT_NE(at(removal("/var/lib/cloud/instances/i-1")), plan.edits.end());
  EXPECT_THAT(plan.edits, Contains(write("/var/lib/cloud/seed/nocloud/meta-data",
                                         "local-hostname: a\ninstance-id: iid-0707070707070707\n")));
  EXPECT_EQ(outcome(plan, "cloud-init").old_value, "i-1");
}

TEST(StorageNames, AreRenewed) {
  const Plan plan =
      Guest()
          .file("/etc/iscsi/initiatorname.iscsi", "## comment\nInitiatorName=iqn.1993-08.org.debian:01:abc\n")
          .file("/etc/nvme/hostid", "11111111-1111-4111-8111-111111111111\n")
          .file("/etc/nvme/hostnqn", "nqn.x\n")
          .plan();
  EXPECT_THAT(plan.edits, Contains(write("/etc/iscsi/initiatorname.iscsi",
                                         "## comment\nInitiatorName=iqn.1993-08.org.debian:01:070707070707\n")));
  EXPECT_THAT(plan.edits, Contains(write("/etc/nvme/hostid", "07070707-0707-4707-8707-070707070707\n")));
  EXPECT_THAT(plan.edits, Contains(write("/etc/nvme/hostnqn",
                                         "nqn.2014-08.org.nvmexpress:uuid:07070707-0707-4707-8707-070707070707\n")));
}

TEST(Selection, KeepAndOnlyLeaveTheRestAlone) {
  Options options;
  options.only = {"hostname"};
  options.hostname = "web";
  const Plan plan = Guest().file(etc_id, old_id).file("/etc/hostname", "a\n").plan(options);
  EXPECT_EQ(plan.edits, (std::vector<Edit>{write("/etc/hostname", "web\n")}));
  EXPECT_EQ(outcome(plan, "machine-id").status, Status::kept);
}

TEST(Selection, EveryItemReportsInABareGuest) {
  const Plan plan = Guest().plan();
  for (const Item& item : all_items()) EXPECT_NO_THROW(outcome(plan, item.name)) << item.name;
}

TEST(NotHandled, IsNamedWhereItIsSeen) {
  EXPECT_THAT(Guest().file("/etc/krb5.keytab", "").plan().report.not_handled,
              Contains("Kerberos keytab (/etc/krb5.keytab)"));
  EXPECT_THAT(Guest().plan().report.not_handled, IsEmpty());
}

TEST(OptionsCheck, RefusesWhatIsNoValue) {
  const auto refused = [](auto change) {
    Options options;
    change(options);
    return message_of([&] { check(options); });
  };
  EXPECT_EQ(refused([](Options&) {}), "nothing was thrown");
  EXPECT_EQ(refused([](Options& o) { o.machine_id = "XYZ"; }), "'XYZ' is no machine-id");
  EXPECT_EQ(refused([](Options& o) { o.machine_id = "uuid"; }),
            "the machine-id is to be the machine's UUID, which is not known");
  EXPECT_EQ(refused([](Options& o) { o.hostname = "a b"; }), "'a b' is no host name");
  EXPECT_EQ(refused([](Options& o) { o.hostname = "-a"; }), "'-a' is no host name");
  EXPECT_EQ(refused([](Options& o) { o.macs = {{"52:54:00:00:00:01", "x"}}; }), "'x' is no MAC address");
  EXPECT_EQ(refused([](Options& o) { o.addresses = {{"", "10.0"}}; }), "'10.0' is no address");
  EXPECT_EQ(refused([](Options& o) { o.keep = {"machineid"}; }), "there is no item 'machineid'");
}

}  // namespace
}  // namespace vmtool::identity
