#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "tests/golden/xml/cases.hpp"
#include "util/file.hpp"
#include "xml/domain.hpp"
#include "xml/network.hpp"
#include "xml/storage.hpp"

namespace vmtool::tests {
namespace {

// VMTOOL_ACCEPT=1 writes the files anew; read the difference before it is committed.
TEST(GoldenXml, IsTheSameToTheByte) {
  const bool accept = std::getenv("VMTOOL_ACCEPT") != nullptr;
  for (const Written& written : written_cases()) {
    SCOPED_TRACE(written.golden());
    if (accept) {
      std::filesystem::create_directories(written.golden().parent_path());
      util::write_file_atomic(written.golden(), written.xml);
    }
    ASSERT_TRUE(std::filesystem::exists(written.golden())) << "run with VMTOOL_ACCEPT=1 to make it";
    EXPECT_EQ(written.xml, util::read_file(written.golden(), 1 << 20));
  }
}

TEST(GoldenXml, HasNoFileWithoutCase) {
  std::set<std::filesystem::path> known;
  std::set<std::filesystem::path> folders;
  for (const Written& written : written_cases()) {
    known.insert(written.golden());
    folders.insert(written.golden().parent_path());
  }
  for (const std::filesystem::path& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      EXPECT_TRUE(known.contains(entry.path())) << entry.path();
  }
}

TEST(GoldenXml, MachinesAreReadBackAsWritten) {
  for (const auto& each : machine_cases()) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(xml::read_domain(xml::write_domain(each.model)), as_read(each.model));
  }
}

TEST(GoldenXml, NetworksAreReadBackAsWritten) {
  for (const auto& each : network_cases()) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(xml::read_network(xml::write_network(each.model)), as_read(each.model));
  }
}

TEST(GoldenXml, PoolsAreReadBackAsWritten) {
  for (const auto& each : pool_cases()) EXPECT_EQ(xml::read_pool(xml::write_pool(each.model)), each.model);
}

TEST(GoldenXml, VolumesAreReadBackAsWritten) {
  for (const auto& each : volume_cases()) {
    SCOPED_TRACE(each.name);
    const xml::VolumeFacts facts = xml::read_volume(xml::write_volume(each.model));
    EXPECT_EQ(facts.name, each.model.name);
    EXPECT_EQ(facts.format, to_text(each.model.format));
    EXPECT_EQ(facts.capacity, each.model.capacity);
    EXPECT_EQ(facts.compat, each.model.format == model::DiskFormat::qcow2 ? "1.1" : "");
    EXPECT_EQ(facts.lazy_refcounts, each.model.lazy_refcounts);
    EXPECT_EQ(facts.cluster_size, each.model.cluster_size);
    EXPECT_EQ(facts.backing_path, each.model.backing ? each.model.backing->path : "");
    EXPECT_EQ(facts.backing_format, each.model.backing ? to_text(each.model.backing->format) : "");
    const bool is_reserved = each.model.preallocation == model::Preallocation::falloc;
    EXPECT_EQ(facts.allocation, is_reserved ? each.model.capacity : util::Bytes{0});
  }
}

}  // namespace
}  // namespace vmtool::tests
