#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string_view>
#include <thread>

#include "tests/integration/virt/host.hpp"
#include "util/fd.hpp"
#include "util/file.hpp"

namespace vmtool::virt::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;

class DomainOnHost : public Host {};

TEST_F(DomainOnHost, LivesFromDefineToUndefine) {
  const Domain domain = host().define_domain(tiny_domain("vt-virt-life"), Connection::Validate::yes);
  EXPECT_EQ(domain.state(), DomainState::shutoff);
  EXPECT_TRUE(domain.is_persistent());
  domain.set_autostart(true);
  EXPECT_TRUE(domain.autostart());
  domain.set_autostart(false);

  domain.start();
  EXPECT_EQ(domain.state(), DomainState::running);
  EXPECT_THAT(domain.xml(Flavor::current), HasSubstr("type='pty' tty='/dev/pts/"));
  EXPECT_THAT(domain.xml(Flavor::inactive), HasSubstr("<serial type='pty'>"));
  EXPECT_THAT(
      host().domain_stats(),
      Contains(AllOf(Field(&DomainStats::name, "vt-virt-life"), Field(&DomainStats::uuid, domain.uuid()),
                     Field(&DomainStats::state, DomainState::running), Field(&DomainStats::balloon_kib, 32 * 1024U),
                     Field(&DomainStats::maximum_kib, 32 * 1024U), Field(&DomainStats::vcpus, 1U))));
  domain.suspend();
  EXPECT_EQ(domain.state(), DomainState::paused);
  domain.resume();
  for (const AddressSource source : {AddressSource::lease, AddressSource::agent, AddressSource::arp}) {
    EXPECT_TRUE(domain.addresses(source).empty());
  }
  domain.destroy();
  EXPECT_EQ(domain.state(), DomainState::shutoff);
  domain.undefine();
  EXPECT_FALSE(host().find_domain("vt-virt-life").has_value());
}

TEST_F(DomainOnHost, StatsOfAMachineThatIsOffTellItsSize) {
  host().define_domain(tiny_domain("vt-virt-off"));
  EXPECT_THAT(host().domain_stats(),
              Contains(AllOf(Field(&DomainStats::name, "vt-virt-off"), Field(&DomainStats::state, DomainState::shutoff),
                             Field(&DomainStats::maximum_kib, 32 * 1024U), Field(&DomainStats::vcpus, 1U))));
}

TEST_F(DomainOnHost, ATakenNameIsAConflict) {
  host().define_domain(tiny_domain("vt-virt-twin"));
  std::string other = tiny_domain("vt-virt-twin");
  other.insert(other.find("<memory"), "<uuid>3f0c2a52-8f0e-4a9d-9d57-0a1f2b3c4d5e</uuid>");
  const util::Error error = error_of([&] { host().define_domain(other); });
  EXPECT_EQ(error.kind(), util::Errc::conflict);
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("defining a domain: "), HasSubstr("'vt-virt-twin' already exists with uuid")));
}

TEST_F(DomainOnHost, AMissingDiskIsNamed) {
  const Domain domain = host().define_domain(tiny_domain(
      "vt-virt-nodisk", "<disk type='file'><source file='/no/such.raw'/><target dev='vda' bus='virtio'/></disk>"));
  const util::Error error = error_of([&] { domain.start(); });
  EXPECT_EQ(error.kind(), util::Errc::not_found);
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("starting domain 'vt-virt-nodisk': a disk's file"), HasSubstr("/no/such.raw")));
  EXPECT_THAT(error.hint(), HasSubstr("exists"));
}

TEST_F(DomainOnHost, AMissingNetworkIsNamed) {
  const Domain domain = host().define_domain(
      tiny_domain("vt-virt-nonet", "<interface type='network'><source network='vt-virt-none'/></interface>"));
  const util::Error error = error_of([&] { domain.start(); });
  EXPECT_EQ(error.kind(), util::Errc::not_found);
  EXPECT_THAT(error.message(), HasSubstr("vt-virt-none"));
}

TEST_F(DomainOnHost, AnObjectThatIsGoneIsNotFound) {
  const Domain domain = host().define_domain(tiny_domain("vt-virt-gone"));
  host().find_domain("vt-virt-gone")->undefine();
  EXPECT_EQ(error_of([&] { domain.start(); }).kind(), util::Errc::not_found);
}

TEST_F(DomainOnHost, StoppingWhatIsOffIsAConflict) {
  const Domain domain = host().define_domain(tiny_domain("vt-virt-idle"));
  EXPECT_EQ(error_of([&] { domain.destroy(); }).kind(), util::Errc::conflict);
  EXPECT_EQ(error_of([&] { domain.console(0, 1, false); }).kind(), util::Errc::conflict);
}

TEST_F(DomainOnHost, XmlThatTheSchemaRefusesIsInvalid) {
  const util::Error error =
      error_of([&] { host().define_domain(tiny_domain("vt-virt-bad", "<teapot/>"), Connection::Validate::yes); });
  EXPECT_EQ(error.kind(), util::Errc::invalid_input);
  EXPECT_THAT(error.message(), HasSubstr("schema"));
}

TEST_F(DomainOnHost, CapabilitiesAreXml) {
  EXPECT_THAT(host().capabilities(), HasSubstr("<capabilities>"));
  EXPECT_THAT(host().domain_capabilities("qemu"), AllOf(HasSubstr("<domain>qemu</domain>"), HasSubstr("q35")));
}

/// A running machine whose firmware writes on the serial console, with this process at the other end.
class ConsoleOnHost : public Host {
 protected:
  void SetUp() override {
    Host::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::string xml = tiny_domain("vt-virt-console");
    xml.insert(xml.find("</os>"), "<bios useserial='yes'/>");
    domain_ = host().define_domain(xml);
    domain_->start();
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    user_ = util::Fd(ends[0]);
    terminal_ = util::Fd(ends[1]);
  }
  const Domain& domain() const { return *domain_; }
  void connect() const { domain().console(terminal_.get(), terminal_.get(), true); }
  /// Reads until the firmware has said its name.
  std::string greeting() const {
    std::string seen;
    std::array<char, 512> buffer{};
    while (seen.find("SeaBIOS") == std::string::npos) {
      const ssize_t size = ::read(user_.get(), buffer.data(), buffer.size());
      if (size <= 0) break;
      seen.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return seen;
  }
  void type(std::string_view keys) const { util::write_all(user_.get(), keys); }

 private:
  std::optional<Domain> domain_;
  util::Fd user_;
  util::Fd terminal_;
};

TEST_F(ConsoleOnHost, BringsWhatTheGuestWritesUntilTheEscape) {
  std::string seen;
  std::thread user([&] {
    seen = greeting();
    type("x\r\x1d");
  });
  connect();
  user.join();
  EXPECT_THAT(seen, HasSubstr("SeaBIOS"));
  EXPECT_EQ(domain().state(), DomainState::running);
}

TEST_F(ConsoleOnHost, EndsWithTheGuest) {
  std::thread user([&] {
    greeting();
    domain().destroy();
  });
  connect();
  user.join();
  EXPECT_EQ(domain().state(), DomainState::shutoff);
}

TEST_F(ConsoleOnHost, IsTakenFromAnotherOnlyByForce) {
  std::optional<util::Error> refused;
  std::thread user([&] {
    greeting();
    refused = error_of([&] { domain().console(-1, -1, false); });
    type("\x1d");
  });
  connect();
  user.join();
  EXPECT_EQ(refused->kind(), util::Errc::conflict) << refused->message();
  EXPECT_THAT(refused->hint(), HasSubstr("--force"));
}

}  // namespace
}  // namespace vmtool::virt::tests
