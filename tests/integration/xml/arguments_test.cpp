// What QEMU would be started with: the meaning of a document, by libvirt's own translation.
#include <sstream>
#include <vector>

#include <gmock/gmock.h>

#include "tests/golden/xml/cases.hpp"
#include "tests/integration/xml/daemon.hpp"
#include "xml/domain.hpp"

namespace vmtool::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

class Arguments : public Daemon {
 protected:
  // Words of the command line, without the quotes that libvirt puts around JSON.
  std::vector<std::string> of(const std::string& case_name) {
    for (const auto& each : machine_cases()) {
      if (each.name != case_name) continue;
      const std::string xml = xml::write_domain(each.model);
      std::string line = take(virConnectDomainXMLToNative(connect_.get(), "qemu-argv", xml.c_str(), 0));
      EXPECT_FALSE(line.empty()) << virGetLastErrorMessage();
      std::erase_if(line, [](char c) { return c == '\'' || c == '\\'; });
      std::istringstream in(line);
      std::vector<std::string> words;
      for (std::string word; in >> word;) words.push_back(word);
      return words;
    }
    ADD_FAILURE() << "no case '" << case_name << "'";
    return {};
  }
};

TEST_F(Arguments, OfAMinimalMachine) {
  const auto words = of("minimal");
  EXPECT_THAT(words, Contains(HasSubstr("pc-q35-")));
  EXPECT_THAT(words, Contains("tcg"));
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("\"driver\":\"virtio-blk-pci\""), HasSubstr("\"bootindex\":1"))));
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("\"discard\":\"unmap\""), HasSubstr("\"driver\":\"qcow2\""))));
  EXPECT_THAT(words, Contains(HasSubstr("/var/lib/libvirt/images/minimal-root.qcow2")));
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("virtio-net-pci"), HasSubstr("52:54:00:12:34:01"))));
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("virtio-balloon-pci"), HasSubstr("\"free-page-reporting\":true"))));
  EXPECT_THAT(words, Contains(HasSubstr("virtio-rng-pci")));
  EXPECT_THAT(words, Contains(HasSubstr("\"filename\":\"/dev/urandom\"")));
  EXPECT_THAT(words, Contains(AllOf(HasSubstr("virtserialport"), HasSubstr("org.qemu.guest_agent.0"))));
  EXPECT_THAT(words, Contains(HasSubstr("isa-serial")));
  EXPECT_THAT(words, Contains(HasSubstr("qemu-xhci")));
  EXPECT_THAT(words, Each(Not(HasSubstr("vnc"))));
  EXPECT_THAT(words, Contains("none"));  // -display none
}

TEST_F(Arguments, OfDirectBoot) {
  const auto words = of("direct-boot");
  EXPECT_THAT(words, Contains("/boot/vmlinuz"));
  EXPECT_THAT(words, Contains("/boot/initrd.img"));
  EXPECT_THAT(words, Contains("console=ttyS0"));
}

TEST_F(Arguments, OfDisks) {
  const auto caches = of("disk-caches");
  EXPECT_THAT(caches, Contains(AllOf(HasSubstr("\"direct\":true"), HasSubstr("\"no-flush\":false"))));
  EXPECT_THAT(caches, Contains(AllOf(HasSubstr("\"direct\":false"), HasSubstr("\"no-flush\":true"))));
  const auto io = of("disk-io");
  for (const char* mode : {"native", "threads", "io_uring"}) {
    EXPECT_THAT(io, Contains(HasSubstr("\"aio\":\"" + std::string(mode) + "\""))) << mode;
  }
  const auto buses = of("disk-buses");
  EXPECT_THAT(buses, Contains(HasSubstr("virtio-scsi-pci")));
  for (const char* driver : {"virtio-blk-pci", "scsi-hd", "ide-hd", "usb-storage"}) {
    EXPECT_THAT(buses, Contains(HasSubstr("\"driver\":\"" + std::string(driver) + "\""))) << driver;
  }
  const auto details = of("disk-details");
  EXPECT_THAT(details, Contains(HasSubstr("\"serial\":\"DB01DATA\"")));
  EXPECT_THAT(details, Contains(AllOf(HasSubstr("\"read-only\":true"), HasSubstr("\"driver\":\"qcow2\""))));
}

TEST_F(Arguments, OfFirmware) {
  EXPECT_THAT(of("minimal"), Each(Not(HasSubstr("OVMF"))));
  EXPECT_THAT(of("efi"), Contains(AllOf(HasSubstr("OVMF_CODE"), Not(HasSubstr("secboot")), Not(HasSubstr(".ms.")))));
  const auto secure = of("efi-secure-boot");
  EXPECT_THAT(secure, Contains(HasSubstr("OVMF_CODE_4M.ms.fd")));
  EXPECT_THAT(secure, Contains(HasSubstr("smm=on")));
}

TEST_F(Arguments, OfGraphicsAndOrder) {
  const auto graphics = of("graphics-port");
  EXPECT_THAT(graphics, Contains(HasSubstr("0.0.0.0:11")));
  EXPECT_THAT(graphics, Contains(HasSubstr("virtio-vga")));
  EXPECT_THAT(graphics, Contains(HasSubstr("usb-tablet")));
  // The translation leaves an interface's own order out, as it does its bridge.
  EXPECT_THAT(of("boot-order"), Contains(AllOf(HasSubstr("virtio-blk-pci"), HasSubstr("\"bootindex\":2"))));
  const auto topology = of("cpu-topology");
  EXPECT_THAT(topology, Contains(HasSubstr("sockets=2,dies=1,cores=2,threads=2")));
}

}  // namespace
}  // namespace vmtool::tests
