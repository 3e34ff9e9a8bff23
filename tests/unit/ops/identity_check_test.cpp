#include "ops/identity_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmtool::ops {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MachineIdentity machine(const std::string& name, std::vector<xml::UniqueField> definition,
                        std::vector<identity::Outcome> outcomes = {}) {
  MachineIdentity made{.name = name, .definition = std::move(definition), .guest = {}, .unread = {}, .hint = {}};
  made.guest.outcomes = std::move(outcomes);
  return made;
}

identity::Outcome has(const std::string& item, const std::string& path, const std::string& value) {
  return {.item = item,
          .path = path,
          .status = identity::Status::renewed,
          .old_value = value,
          .new_value = {},
          .reason = {}};
}

std::vector<std::string> lines(const IdentityCheck& check) {
  std::vector<std::string> out;
  for (const SharedIdentity& shared : check.shared) {
    std::string line = shared.what + " " + shared.value + ":";
    for (const Holder& holder : shared.holders) line += " " + holder.guest;
    out.push_back(line);
  }
  return out;
}

const std::vector<MachineIdentity>& three() {
  static const std::vector<MachineIdentity> machines{
      machine("a", {{"mac", "52:54:00:00:00:01", ""}, {"disk", "/d/a", "vda"}},
              {has("machine-id", "/etc/machine-id", "11"), has("machine-id", "/var/lib/dbus/machine-id", "11"),
               has("address", "/etc/netplan/a.yaml", "10.0.0.5/24"), has("dhcp-leases", "/var/lib/dhcp/x.leases", "")}),
      machine("b", {{"mac", "52:54:00:00:00:01", ""}, {"disk", "/d/b", "vda"}},
              {has("machine-id", "/etc/machine-id", "11")}),
      machine("c", {{"mac", "52:54:00:00:00:03", ""}, {"disk", "/d/b", "vdb"}},
              {has("machine-id", "/etc/machine-id", "33")})};
  return machines;
}

TEST(IdentityCheck, SaysWhoSharesWhatWithWhom) {
  const IdentityCheck check = find_shared(three(), {}, {});
  EXPECT_EQ(check.guests, 3U);
  EXPECT_THAT(lines(check), ElementsAre("disk /d/b: b c", "mac 52:54:00:00:00:01: a b", "machine-id 11: a b"));
  EXPECT_EQ(check.shared[0].holders[1].place, "vdb");
}

TEST(IdentityCheck, AnAddressIsOneWhetherFixedReservedOrLeased) {
  const IdentityCheck check = find_shared(
      three(), {{"c", "10.0.0.5", "leased in network 'default'"}, {"c", "10.0.0.5", "reserved in network 'default'"}},
      {"c"});
  EXPECT_THAT(lines(check), ElementsAre("address 10.0.0.5: a c", "disk /d/b: b c"));
}

TEST(IdentityCheck, NamesLimitWhatIsReported) {
  EXPECT_THAT(lines(find_shared(three(), {}, {"c"})), ElementsAre("disk /d/b: b c"));
}

TEST(IdentityCheck, GuestsThatCouldNotBeReadAreNamed) {
  std::vector<MachineIdentity> machines = three();
  machines[2].unread = "no root filesystem that can be edited was found";
  const IdentityCheck check = find_shared(machines, {}, {});
  ASSERT_EQ(check.unread.size(), 1U);
  EXPECT_EQ(check.unread[0].guest, "c");
  EXPECT_EQ(check.unread[0].reason, "no root filesystem that can be edited was found");
}

TEST(IdentityCheck, AMachineAloneSharesNothing) { EXPECT_THAT(find_shared({three()[0]}, {}, {}).shared, IsEmpty()); }

}  // namespace
}  // namespace vmtool::ops
