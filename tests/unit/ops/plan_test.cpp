#include "ops/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/read.hpp"
#include "model/derive.hpp"
#include "util/error.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

using testing::HasSubstr;
using util::Errc;

const util::Uuid host_uuid = *util::parse_uuid("11111111-2222-3333-4444-555555555555");

model::Manifest read(const std::string& text) {
  const manifest::Source source{"test.yaml", text};
  manifest::ReadResult result = manifest::read({&source, 1}, {});
  for (const manifest::Diagnostic& diagnostic : result.diagnostics) ADD_FAILURE() << manifest::to_text(diagnostic);
  return std::move(result.manifest);
}

Observed empty_host() {
  Observed observed;
  observed.host = host_uuid;
  observed.default_pool = "/var/lib/libvirt/images";
  observed.log_dir = "/var/log/libvirt/qemu";
  observed.interfaces = {"lo", "eth0"};
  observed.subnets = {{*model::parse_prefix("10.0.0.5/24"), "interface 'eth0'", "eth0"}};
  return observed;
}

const std::string network_text = R"(
kind: Network
name: lab
bridge: {name: auto}
addresses:
  - address: 192.168.140.1/24
    dhcp: {ranges: [{start: 192.168.140.100, end: 192.168.140.199}]}
)";
const std::string machine_text = R"(
kind: VirtualMachine
name: db01
disks:
  - {name: root, capacity: 20GiB}
interfaces:
  - {name: lan, network: lab, address: 192.168.140.10}
)";
const std::string both = network_text + "---" + machine_text;

Action action_of(const Plan& plan, const std::string& kind) {
  for (const Action& action : plan.actions) {
    if (action.kind == kind) return action;
  }
  throw std::runtime_error("no action of kind " + kind);
}

// The host after a plan was carried out.
Observed host_after(const Plan& plan, Observed observed) {
  for (const Action& action : plan.actions) {
    for (const Step& step : action.steps) {
      if (const auto* pool = std::get_if<DefinePool>(&step))
        observed.pools[pool->pool.name] = {pool->pool, true, 100ull << 30, {}};
      if (const auto* volume = std::get_if<CreateVolume>(&step)) {
        xml::VolumeFacts facts;
        facts.name = volume->volume.name;
        facts.path = observed.pools.at(volume->volume.pool).pool.path + "/" + facts.name;
        facts.format = model::to_text(volume->volume.format);
        facts.capacity = volume->volume.capacity;
        observed.pools.at(volume->volume.pool).volumes[facts.name] = facts;
      }
      if (const auto* network = std::get_if<DefineNetwork>(&step)) {
        observed.networks[network->network.name] = {xml::read_network(network->xml), network->xml, false, std::nullopt};
      }
      if (const auto* machine = std::get_if<DefineMachine>(&step)) {
        observed.domains[machine->machine] = {xml::read_domain(machine->xml), machine->xml, false, false};
      }
    }
  }
  return observed;
}

void expect_error(const std::string& text, const Observed& observed, Errc kind, const std::string& part) {
  try {
    make_plan(read(text), observed, {});
    ADD_FAILURE() << "no error that says: " << part;
  } catch (const util::Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.message();
    EXPECT_THAT(error.message(), HasSubstr(part));
    EXPECT_FALSE(error.hint().empty()) << error.message();
  }
}

TEST(Plan, MakesPoolNetworkAndMachineOnAnEmptyHost) {
  const Plan plan = make_plan(read(both), empty_host(), {});
  ASSERT_EQ(plan.actions.size(), 3u);
  EXPECT_EQ(plan.actions[0].kind, "Pool");
  EXPECT_EQ(plan.actions[1].kind, "Network");
  EXPECT_EQ(plan.actions[2].kind, "VirtualMachine");
  for (const Action& action : plan.actions) EXPECT_EQ(action.verb, Verb::create);
}

TEST(Plan, PutsReservationsIntoANewNetworkBeforeItStarts) {
  const Plan plan = make_plan(read(both), empty_host(), {});
  const auto network = std::get<DefineNetwork>(action_of(plan, "Network").steps.at(0)).network;
  ASSERT_EQ(network.addresses.at(0).dhcp->hosts.size(), 1u);
  EXPECT_EQ(network.addresses[0].dhcp->hosts[0].name, "db01");
  EXPECT_EQ(network.dns.hosts.at(0).hostnames, std::vector<std::string>{"db01"});
  for (const Step& step : action_of(plan, "VirtualMachine").steps) EXPECT_FALSE(std::holds_alternative<Reserve>(step));
}

TEST(Plan, DerivesTheSameIdentityTwiceAndAnotherOnAnotherHost) {
  const auto xml_on = [](const util::Uuid& uuid) {
    Observed host = empty_host();
    host.host = uuid;
    const Plan plan = make_plan(read(both), host, {});
    return std::get<DefineMachine>(action_of(plan, "VirtualMachine").steps.back()).xml;
  };
  EXPECT_EQ(xml_on(host_uuid), xml_on(host_uuid));
  const model::VirtualMachine here = xml::read_domain(xml_on(host_uuid));
  const model::VirtualMachine there = xml::read_domain(xml_on(util::random_uuid()));
  EXPECT_NE(here.uuid, there.uuid);
  EXPECT_NE(here.interfaces.at(0).mac, there.interfaces.at(0).mac);
}

TEST(Plan, IsEmptyWhereEverythingIsThereAlready) {
  const Observed after = host_after(make_plan(read(both), empty_host(), {}), empty_host());
  const Plan again = make_plan(read(both), after, {});
  EXPECT_TRUE(again.is_empty());
  for (const Action& action : again.actions) EXPECT_EQ(action.verb, Verb::unchanged) << action.kind;
}

TEST(Plan, ACommentIsNoChange) {
  const Observed after = host_after(make_plan(read(both), empty_host(), {}), empty_host());
  EXPECT_TRUE(make_plan(read(both + "# a comment\n"), after, {}).is_empty());
}

TEST(Plan, SaysWhenAChangeTakesEffect) {
  Observed after = host_after(make_plan(read(both), empty_host(), {}), empty_host());
  after.domains.at("db01").active = true;
  const Action action =
      action_of(make_plan(read(both + "cpu: {count: 2}\nlabels: {tier: db}\n"), after, {}), "VirtualMachine");
  ASSERT_EQ(action.verb, Verb::update);
  ASSERT_EQ(action.changes.size(), 2u);
  EXPECT_EQ(action.changes[0].path, "cpu.count");
  EXPECT_EQ(action.changes[0].effect, Effect::next_start);
  EXPECT_EQ(action.changes[1].path, "labels.tier");
  EXPECT_EQ(action.changes[1].effect, Effect::live);
}

TEST(Plan, GrowsADiskAndNeverShrinksOrReplacesIt) {
  const Observed after = host_after(make_plan(read(both), empty_host(), {}), empty_host());
  const auto with_disk = [](const std::string& disk) {
    std::string text = both;
    const std::string old = "{name: root, capacity: 20GiB}";
    return text.replace(text.find(old), old.size(), disk);
  };
  const Action grown =
      action_of(make_plan(read(with_disk("{name: root, capacity: 30GiB}")), after, {}), "VirtualMachine");
  ASSERT_EQ(grown.verb, Verb::update);
  EXPECT_EQ(std::get<GrowVolume>(grown.steps.back()).capacity, util::parse_bytes("30GiB"));
  expect_error(with_disk("{name: root, capacity: 10GiB}"), after, Errc::conflict, "never shrunk");
  expect_error(with_disk("{name: root, capacity: 20GiB, format: raw}"), after, Errc::conflict,
               "without replacing the disk");
}

TEST(Plan, ReservesLiveInANetworkThatExists) {
  const Observed after = host_after(make_plan(read(network_text), empty_host(), {}), empty_host());
  const Action action = action_of(make_plan(read(machine_text), after, {}), "VirtualMachine");
  ASSERT_TRUE(std::holds_alternative<Reserve>(action.steps.back()));
  EXPECT_EQ(model::to_text(std::get<Reserve>(action.steps.back()).host.address), "192.168.140.10");
}

TEST(Plan, RefusesTheHostsOwnAddress) {
  const Observed after = host_after(make_plan(read(network_text), empty_host(), {}), empty_host());
  expect_error("kind: VirtualMachine\nname: web\ninterfaces: [{name: lan, network: lab, address: 192.168.140.1}]\n",
               after, Errc::conflict, "is the host's own address");
}

TEST(Plan, ReplacesTheHostsOfANetworkThatRuns) {
  const std::string hosts =
      "kind: Network\nname: lab\nbridge: {name: virbr9}\naddresses: [{address: 192.168.140.1/24, dhcp: {hosts: [{name: "
      "a, address: 192.168.140.7}]}}]\n";
  Observed host = host_after(make_plan(read(hosts), empty_host(), {}), empty_host());
  host.networks.at("lab").active = true;
  host.networks.at("lab").live = host.networks.at("lab").network;
  const std::string moved =
      "kind: Network\nname: lab\nbridge: {name: virbr9}\naddresses: [{address: 192.168.140.1/24, dhcp: {hosts: [{name: "
      "a, address: 192.168.140.8}]}}]\n";
  const Action action = action_of(make_plan(read(moved), host, {}), "Network");
  ASSERT_EQ(action.steps.size(), 2u);
  EXPECT_TRUE(std::all_of(action.changes.begin(), action.changes.end(),
                          [](const Change& change) { return change.effect == Effect::live; }));
  const auto update = std::get<UpdateHost>(action.steps[1]);
  ASSERT_EQ(update.old_xml.size(), 1u);
  EXPECT_THAT(update.old_xml[0], HasSubstr("192.168.140.7"));
  EXPECT_THAT(update.xml, HasSubstr("192.168.140.8"));
  host.networks.at("lab").live.reset();
  EXPECT_EQ(action_of(make_plan(read(moved), host, {}), "Network").steps.size(), 1u)
      << "a network that does not run has nothing live";
}

TEST(Plan, AdoptsANetworkOfAnotherTool) {
  Observed host = empty_host();
  model::Network other = std::get<model::Network>(read(network_text).documents.at(0).object);
  other.uuid = util::random_uuid();
  other.bridge.name = "virbr7";
  other.autostart = true;
  host.networks["lab"] = {other, xml::write_network(other), true, std::nullopt};
  const Action action = action_of(make_plan(read(network_text), host, {}), "Network");
  EXPECT_EQ(action.verb, Verb::adopt);
  EXPECT_TRUE(action.steps.empty());
  ASSERT_EQ(action.notes.size(), 1u);
  EXPECT_THAT(action.notes[0], HasSubstr("autostart"));
}

TEST(Plan, ChoosesAFreeBridgeAndSubnet) {
  Observed host = empty_host();
  host.interfaces.insert("virbr0");
  host.subnets.push_back({*model::parse_prefix("192.168.100.0/23"), "the route through 'tun0'", "tun0"});
  const Plan plan = make_plan(
      read("kind: Network\nname: n\nbridge: {name: auto}\naddresses: [{address: auto, dhcp: {}}]\n"), host, {});
  const auto network = std::get<DefineNetwork>(action_of(plan, "Network").steps.at(0)).network;
  EXPECT_EQ(network.bridge.name, "virbr1");
  EXPECT_EQ(model::to_text(*network.addresses.at(0).prefix), "192.168.102.1/24");
  EXPECT_EQ(model::to_text(network.addresses[0].dhcp->ranges.at(0).end), "192.168.102.199");
}

TEST(Plan, RefusesWhatIsTakenWithItsOwner) {
  Observed host = empty_host();
  host.subnets.push_back({*model::parse_prefix("192.168.140.0/22"), "the route through 'tun0'", "tun0"});
  expect_error(network_text, host, Errc::conflict, "overlaps 192.168.140.0/22 of the route through 'tun0'");
  host = empty_host();
  expect_error("kind: Network\nname: n\nbridge: {name: eth0}\naddresses: [{address: 192.168.9.1/24}]\n", host,
               Errc::conflict, "taken by interface 'eth0' of the host");
  host = host_after(make_plan(read(network_text), empty_host(), {}), empty_host());
  expect_error("kind: Network\nname: n\naddresses: [{address: 192.168.140.129/25}]\n", host, Errc::conflict,
               "of network 'lab'");
}

TEST(Plan, RefusesAMacUuidOrDiskThatAnotherMachineHas) {
  Observed host = host_after(make_plan(read(both), empty_host(), {}), empty_host());
  const model::VirtualMachine& db01 = host.domains.at("db01").machine;
  expect_error("kind: VirtualMachine\nname: web\ninterfaces: [{name: lan, network: lab, macAddress: '" +
                   model::to_text(*db01.interfaces[0].mac) + "'}]\n",
               host, Errc::conflict, "which 'db01' has");
  expect_error("kind: VirtualMachine\nname: web\ndisks: [{name: d, volume: db01-root.qcow2}]\n", host, Errc::conflict,
               "which 'db01' writes to");
}

TEST(Plan, DerivesAnotherMacWhereTheFirstIsTaken) {
  Observed host = empty_host();
  const auto taken = model::derive_mac(host_uuid, "VirtualMachine", "web", "lan");
  model::VirtualMachine other;
  other.name = "other";
  other.interfaces.push_back({"lan", "lab", std::nullopt, model::InterfaceModel::virtio, taken, {}, {}, {}});
  host.domains["other"] = {other, "", false, false};
  const Plan plan = make_plan(read("kind: VirtualMachine\nname: web\ninterfaces: [{name: lan}]\n"), host, {});
  const auto machine = xml::read_domain(std::get<DefineMachine>(plan.actions.back().steps.back()).xml);
  EXPECT_EQ(machine.interfaces.at(0).mac, model::derive_mac(host_uuid, "VirtualMachine", "web", "lan", 1));
}

TEST(Plan, RefusesWhatIsMissing) {
  const Observed host = empty_host();
  expect_error("kind: VirtualMachine\nname: a\ninterfaces: [{name: lan, network: nowhere}]\n", host, Errc::not_found,
               "wants network 'nowhere'");
  expect_error("kind: VirtualMachine\nname: a\ninterfaces: [{name: lan, bridge: br9}]\n", host, Errc::not_found,
               "wants bridge 'br9'");
  expect_error("kind: VirtualMachine\nname: a\ndisks: [{name: d, image: debian}]\n", host, Errc::not_found,
               "neither in the manifest nor in pool 'default'");
  expect_error("kind: VirtualMachine\nname: a\ndisks: [{name: d, capacity: 1GiB, pool: fast}]\n", host, Errc::not_found,
               "no storage pool 'fast'");
}

TEST(Plan, RefusesAnAddressOutsideOfItsNetworkOrReservedForAnother) {
  const Observed host = host_after(make_plan(read(both), empty_host(), {}), empty_host());
  expect_error("kind: VirtualMachine\nname: web\ninterfaces: [{name: lan, network: lab, address: 10.9.9.9}]\n", host,
               Errc::conflict, "is not in network 'lab'");
  expect_error("kind: VirtualMachine\nname: web\ninterfaces: [{name: lan, network: lab, address: 192.168.140.10}]\n",
               host, Errc::conflict, "is reserved for 'db01'");
}

TEST(Plan, SaysThatTheVariablesOfAnEfiThatIsTakenOutStay) {
  const std::string machine = "kind: VirtualMachine\nname: a\nfirmware: {type: ";
  Observed host = host_after(make_plan(read(machine + "efi}\n"), empty_host(), {}), empty_host());
  std::string& xml = host.domains.at("a").xml;
  xml.replace(xml.find("</os>"), 0, "<nvram>/var/lib/libvirt/qemu/nvram/a_VARS.fd</nvram>");
  EXPECT_THAT(action_of(make_plan(read(machine + "bios}\n"), host, {}), "VirtualMachine").notes,
              testing::Contains(HasSubstr("/var/lib/libvirt/qemu/nvram/a_VARS.fd")));
  EXPECT_THAT(action_of(make_plan(read(machine + "efi}\n"), host, {}), "VirtualMachine").notes, testing::IsEmpty());
}

TEST(Plan, LeavesMachinesOfOtherToolsAlone) {
  Observed host = empty_host();
  model::VirtualMachine foreign;
  foreign.name = "db01";
  host.domains["db01"] = {foreign, xml::write_domain(foreign), false, false};
  expect_error("kind: VirtualMachine\nname: db01\n", host, Errc::conflict, "that another tool made");
}

TEST(Plan, ASessionHasNoNetworksButUserMode) {
  Observed host = empty_host();
  host.session = true;
  expect_error(network_text, host, Errc::unavailable, "can't be made in a session");
  const Plan plan = make_plan(read("kind: VirtualMachine\nname: a\ninterfaces: [{name: lan}]\n"), host, {});
  EXPECT_EQ(plan.actions.back().verb, Verb::create);
}

TEST(Plan, PreallocatedDisksMustFitIntoThePool) {
  Observed host = empty_host();
  host.pools["default"] = {{"default", "/pool"}, true, 5ull << 30, {}};
  expect_error("kind: Volume\nname: v\nformat: raw\ncapacity: 6GiB\npreallocation: falloc\n", host, Errc::io,
               "has 5.0 GiB left");
  EXPECT_EQ(make_plan(read("kind: Volume\nname: v\ncapacity: 6GiB\n"), host, {}).actions.back().verb, Verb::create);
}

TEST(Plan, ImagesOutsideOfPoolsAreNotFollowed) {
  Observed host = empty_host();
  host.pools["default"] = {{"default", "/pool"}, true, 5ull << 30, {}};
  storage::ImageFile file;
  file.format = "qcow2";
  file.virtual_size = {1 << 20};
  file.backing_path = "/etc/shadow";
  host.image_files["/srv/i.qcow2"] = file;
  const std::string image = "kind: Image\nname: i\nsource: {file: /srv/i.qcow2}\n";
  expect_error(image, host, Errc::conflict, "backing file outside of the pools: '/etc/shadow'");
  host.image_files["/srv/i.qcow2"].backing_path = "/pool/../etc/shadow";
  expect_error(image, host, Errc::conflict, "backing file outside of the pools");
  host.image_files["/srv/i.qcow2"].backing_path = "/pool/base.qcow2";
  EXPECT_EQ(make_plan(read(image), host, {}).actions.back().verb, Verb::create);
}

}  // namespace
}  // namespace vmtool::ops
