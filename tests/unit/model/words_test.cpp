// Every enumeration's table of words.

#include <set>

#include <gtest/gtest.h>

#include "model/document.hpp"

namespace vmtool::model {
namespace {

template <class E>
class WordsOf : public testing::Test {};

using Enums = testing::Types<Backing, DiskBus, DiskCache, DiskIo, DiskDiscard, DiskFormat, Preallocation, OnDelete,
                             InterfaceModel, DomainType, FirmwareType, CpuMode, FeaturePolicy, GraphicsType,
                             LifecycleAction, ForwardMode>;
TYPED_TEST_SUITE(WordsOf, Enums);

TYPED_TEST(WordsOf, AreDistinctAndLeadThereAndBack) {
  std::set<std::string> words;
  for (const auto& [value, word] : Words<TypeParam>::table) {
    EXPECT_TRUE(words.insert(std::string(word)).second) << word;
    EXPECT_EQ(to_text(value), word);
    EXPECT_EQ(from_text<TypeParam>(word), value);
  }
  EXPECT_EQ(words_of<TypeParam>().size(), words.size());
  EXPECT_FALSE(from_text<TypeParam>(""));
}

TEST(Words, AreTheOnesThatLibvirtKnows) {
  EXPECT_EQ(to_text(CpuMode::host_passthrough), "host-passthrough");
  EXPECT_EQ(to_text(DiskIo::io_uring), "io_uring");
  EXPECT_EQ(to_text(DomainType::automatic), "auto");
  EXPECT_EQ(to_text(OnDelete::remove), "delete");
}

TEST(Documents, KnowTheirKindAndName) {
  Network network;
  network.name = "lab";
  const Object object = network;
  EXPECT_EQ(kind_of(object), "Network");
  EXPECT_EQ(name_of(object), "lab");
  EXPECT_EQ(kind_of(Object(VirtualMachine{})), "VirtualMachine");
  EXPECT_EQ(kind_of(Object(Volume{})), "Volume");
  EXPECT_EQ(kind_of(Object(Image{})), "Image");
}

}  // namespace
}  // namespace vmtool::model
