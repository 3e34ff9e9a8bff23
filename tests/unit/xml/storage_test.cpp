#include "xml/storage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/xml/text.hpp"

namespace vmtool::xml {
namespace {

using testing::HasSubstr;
using testing::Not;
using util::Bytes;

TEST(Volume, StatesCompatAndAllocation) {
  model::Volume volume;
  volume.name = "a.qcow2";
  volume.capacity = Bytes{1 << 20};
  EXPECT_THAT(write_volume(volume), HasSubstr("<compat>1.1</compat>"));
  EXPECT_THAT(write_volume(volume), HasSubstr("<allocation unit='bytes'>0</allocation>"));
  volume.preallocation = model::Preallocation::falloc;
  EXPECT_THAT(write_volume(volume), HasSubstr("<allocation unit='bytes'>1048576</allocation>"));
  volume.format = model::DiskFormat::raw;
  EXPECT_THAT(write_volume(volume), Not(HasSubstr("compat")));
}

TEST(Volume, FactsAsLibvirtPrintsThem) {
  const VolumeFacts facts = read_volume(
      "<volume type='file'><name>v</name><key>/p/v</key><capacity unit='MiB'>3</capacity><allocation "
      "unit='bytes'>196616</allocation>"
      "<physical unit='bytes'>196616</physical><target><path>/p/v</path><format "
      "type='qcow2'/><permissions><mode>0600</mode></permissions>"
      "<compat>0.10</compat><clusterSize unit='B'>65536</clusterSize><features><lazy_refcounts/></features></target>"
      "<backingStore><path>/p/base</path><format type='iso'/></backingStore></volume>");
  EXPECT_EQ(facts.name, "v");
  EXPECT_EQ(facts.path, "/p/v");
  EXPECT_EQ(facts.format, "qcow2");
  EXPECT_EQ(facts.capacity, Bytes{3 << 20});
  EXPECT_EQ(facts.allocation, Bytes{196616});
  EXPECT_EQ(facts.compat, "0.10");
  EXPECT_EQ(facts.cluster_size, Bytes{65536});
  EXPECT_TRUE(facts.lazy_refcounts);
  EXPECT_EQ(facts.backing_path, "/p/base");
  EXPECT_EQ(facts.backing_format, "iso");
}

TEST(Volume, SizesInEveryUnitOfLibvirt) {
  const std::pair<const char*, std::uint64_t> units[] = {
      {"", 1},        {"B", 1},          {"bytes", 1},     {"k", 1024},       {"KiB", 1024},  {"KB", 1000},
      {"M", 1 << 20}, {"MB", 1'000'000}, {"GiB", 1 << 30}, {"T", 1ull << 40}, {"furlong", 0}, {"Kx", 0}};
  for (const auto& [unit, factor] : units) {
    const std::string attribute = *unit == '\0' ? "" : std::string(" unit='") + unit + "'";
    EXPECT_EQ(read_volume("<volume><capacity" + attribute + ">2</capacity></volume>").capacity, Bytes{2 * factor})
        << unit;
  }
  EXPECT_EQ(read_volume("<volume><capacity unit='E'>99</capacity></volume>").capacity, Bytes{0});
  EXPECT_EQ(read_volume("<volume><capacity>-2</capacity></volume>").capacity, Bytes{0});
}

TEST(Pool, OfAnotherTypeHasItsPathOrNone) {
  EXPECT_EQ(read_pool("<pool type='logical'><name>vg</name><target><path>/dev/vg</path></target></pool>"),
            (model::Pool{"vg", "/dev/vg"}));
  EXPECT_EQ(read_pool("<pool type='rbd'><name>ceph</name></pool>"), (model::Pool{"ceph", ""}));
}

TEST(Storage, BrokenXmlIsInvalidInput) {
  for (const char* text : {"", "<volume", "<domain/>"}) {
    EXPECT_EQ(tests::error_of([&] { read_volume(text); }).kind(), util::Errc::invalid_input) << text;
    EXPECT_EQ(tests::error_of([&] { read_pool(text); }).kind(), util::Errc::invalid_input) << text;
  }
}

}  // namespace
}  // namespace vmtool::xml
