#include "xml/host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/xml/text.hpp"

namespace vmtool::xml {
namespace {

using model::DomainType;
using tests::error_of;
using util::Errc;

std::string capabilities(const std::string& uuid, const std::string& guests) {
  return "<capabilities><host>" + uuid + "<cpu/></host>" + guests + "</capabilities>";
}

const char* const uuid = "<uuid>0a52c1e8-3c0f-4ac0-8a6c-2f6b6a4ef001</uuid>";
const char* const arm = "<guest><os_type>hvm</os_type><arch name='aarch64'><domain type='kvm'/></arch></guest>";

TEST(Capabilities, NamesWhatX86GuestsCanBe) {
  const HostFacts facts = read_capabilities(capabilities(
      uuid, std::string(arm) +
                "<guest><os_type>hvm</os_type><arch name='x86_64'><machine>q35</machine><domain type='qemu'/>"
                "<domain type='kvm'/><domain type='hvf'/></arch></guest>"));
  EXPECT_EQ(util::to_text(facts.uuid), "0a52c1e8-3c0f-4ac0-8a6c-2f6b6a4ef001");
  EXPECT_EQ(facts.domain_types, (std::vector<DomainType>{DomainType::qemu, DomainType::kvm}));
}

TEST(Capabilities, AHostWithoutUuidOrGuestIsUnavailable) {
  EXPECT_EQ(error_of([] { read_capabilities(capabilities("", arm)); }).kind(), Errc::unavailable);
  EXPECT_EQ(error_of([] { read_capabilities(capabilities(uuid, arm)); }).kind(), Errc::unavailable);
  EXPECT_EQ(error_of([] { read_capabilities("<domain/>"); }).kind(), Errc::invalid_input);
}

}  // namespace
}  // namespace vmtool::xml
