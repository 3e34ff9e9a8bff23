// docs/reference/manifest.md says what the tables of fields say. VMTOOL_ACCEPT=1 rewrites it.

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "manifest/fields.hpp"
#include "util/file.hpp"

namespace vmtool::manifest {
namespace {

constexpr const char* marker =
    "<!-- The tables below follow from src/manifest/*_fields.cpp; VMTOOL_ACCEPT=1 of unit_manifest rewrites them. "
    "-->\n";

std::string tables() {
  std::string text = marker;
  for (const std::string& kind : kinds()) {
    text += fmt::format("\n## {}\n\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n", kind);
    for (const FieldDoc& row : fields_of(kind)) {
      const std::string fallback = row.required           ? "required"
                                   : row.fallback.empty() ? ""
                                                          : fmt::format("`{}`", row.fallback);
      text += fmt::format("| `{}` | {} | {} | {} |\n", row.path, row.type, fallback, row.doc);
    }
  }
  return text;
}

TEST(Reference, HasEveryFieldOfEveryKind) {
  const auto file = std::filesystem::path(std::getenv("VMTOOL_SOURCE_DIR")) / "docs/reference/manifest.md";
  const std::string text = util::read_file(file, 1 << 20);
  const auto start = text.find(marker);
  ASSERT_NE(start, std::string::npos);
  if (std::getenv("VMTOOL_ACCEPT") != nullptr) util::write_file_atomic(file, text.substr(0, start) + tables());
  EXPECT_EQ(util::read_file(file, 1 << 20).substr(start), tables());
}

TEST(Reference, EveryFieldSaysWhatItIsFor) {
  EXPECT_EQ(kinds(), (std::vector<std::string>{"VirtualMachine", "Network", "Volume", "Image", "Container"}));
  for (const std::string& kind : kinds()) {
    for (const FieldDoc& row : fields_of(kind)) {
      EXPECT_FALSE(row.type.empty()) << row.path;
      ASSERT_FALSE(row.doc.empty()) << row.path;
      EXPECT_EQ(row.doc.back(), '.') << row.path;
    }
  }
  EXPECT_TRUE(fields_of("Pool").empty());
}

TEST(Reference, DefaultsAreWrittenAsAManifestWritesThem) {
  std::map<std::string, FieldDoc> rows;
  for (const FieldDoc& row : fields_of("VirtualMachine")) rows[row.path] = row;
  EXPECT_EQ(rows.at("memory.size").fallback, "1GiB");
  EXPECT_EQ(rows.at("stopTimeout").fallback, "90s");
  EXPECT_EQ(rows.at("disks[].format").type, "one of: qcow2, raw");
  EXPECT_EQ(rows.at("disks[].bootOrder").fallback, "");
  EXPECT_EQ(rows.at("interfaces[].macAddress").fallback, "auto");
  EXPECT_EQ(rows.at("labels").type, "mapping of text");
  EXPECT_TRUE(rows.at("boot.kernel").required);
}

}  // namespace
}  // namespace vmtool::manifest
