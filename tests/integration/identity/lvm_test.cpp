// Guests on logical volumes; the physical volume is written here as LVM2 lays it out.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/integration/identity/engine_fixture.hpp"
#include "tests/support/guest_image.hpp"
#include "util/error.hpp"

namespace vmtool::tests {
namespace {

using ::testing::HasSubstr;

constexpr const char* pv_uuid = "abcdefghijklmnopqrstuvwxyz012345";
constexpr const char* pv_uuid_text = "abcdef-ghij-klmn-opqr-stuv-wxyz-012345";

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

// LVM's CRC-32: its own start value, and no inversion at the end.
std::uint32_t crc(const std::string& bytes) {
  std::uint32_t value = 0xf597a6cf;
  for (const char byte : bytes) {
    value ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
  }
  return value;
}

// One linear segment, in extents of 1 MiB.
std::string segment(int number, int start, int count, const std::string& stripes, const std::string& type = "striped") {
  return "segment" + std::to_string(number) + " { start_extent = " + std::to_string(start) +
         " extent_count = " + std::to_string(count) + " type = \"" + type + "\" stripe_count = 1 stripes = [ " +
         stripes + " ] }\n";
}

std::string volume(const std::string& name, int segments, const std::string& text) {
  return name +
         " { id = \"x\" status = [\"READ\", \"WRITE\", \"VISIBLE\"] segment_count = " + std::to_string(segments) +
         "\n" + text + "}\n";
}

class Lvm : public ::testing::Test {
 protected:
  // Extents begin at 1 MiB of the volume, the text at `start` of its area.
  void make_volume(const std::string& logical_volumes, std::uint64_t start = 512) const {
    const std::string text = "vg-a { id = \"g\" seqno = 1 extent_size = 2048\nphysical_volumes { pv0 { id = \"" +
                             std::string(pv_uuid_text) + "\" pe_start = 2048 pe_count = 40 } }\nlogical_volumes {\n" +
                             logical_volumes + "} }\n# end\n" + std::string(1, '\0');
    constexpr std::uint64_t area = 4096;
    constexpr std::uint64_t area_size = mib - area;
    const util::Fd disk = util::open_file(disk_, O_RDWR | O_CREAT, 0600);
    if (std::filesystem::file_size(disk_) < at_ + 48 * mib) std::filesystem::resize_file(disk_, at_ + 48 * mib);
    const auto put = [&](std::uint64_t offset, const std::string& bytes) {
      ASSERT_EQ(::pwrite(disk.get(), bytes.data(), bytes.size(), static_cast<off_t>(at_ + offset)),
                static_cast<ssize_t>(bytes.size()));
    };
    std::string label = little(32, 4) + "LVM2 001" + pv_uuid + little(48 * mib, 8) + little(mib, 8) + little(0, 8) +
                        little(0, 8) + little(0, 8) + little(area, 8) + little(area_size, 8) + little(0, 8) +
                        little(0, 8);
    label.resize(512 - 20, '\0');
    put(512, "LABELONE" + little(1, 8) + little(crc(label), 4) + label);
    put(area, little(0, 4) + " LVM2 x[5A%r0N*>" + little(1, 4) + little(area, 8) + little(area_size, 8) +
                  little(start, 8) + little(text.size(), 8) + little(0, 4) + little(0, 4) + little(0, 8));
    const std::size_t first = std::min<std::uint64_t>(text.size(), area_size - start);
    put(area + start, text.substr(0, first));
    put(area + 512, text.substr(first));
  }
  std::uint64_t extent(int number) const { return at_ + mib + static_cast<std::uint64_t>(number) * mib; }

  TempDir directory_;
  GuestFiles files_;
  std::filesystem::path disk_ = directory_.path() / "disk.raw";
  std::uint64_t at_ = 0;
};

TEST_F(Lvm, RootAndVarOnVolumesOfOnePartition) {
  files_.write("etc/fstab", "/dev/mapper/vg--a-root / ext4 defaults 0 1\n/dev/vg-a/var /var ext4 defaults 0 2\n");
  GuestFiles var;
  for (const char* top : {"etc", "var"}) var.remove(top);
  std::filesystem::create_directories(var.path_of("lib"));
  std::filesystem::rename(files_.path_of("var/lib/dbus"), var.path_of("lib/dbus"));
  at_ = mib;
  util::open_file(disk_, O_RDWR | O_CREAT, 0600);
  std::filesystem::resize_file(disk_, 56 * mib);
  partition(disk_, "label: gpt\nstart=1MiB, size=52MiB, type=E6D6D379-F507-44C2-A23C-238F2A3DF928\n");
  // Two segments that follow one another are one piece; the text runs over the end of its ring.
  make_volume(volume("root", 2, segment(1, 0, 10, "\"pv0\", 2") + segment(2, 10, 10, "\"pv0\", 12")) +
                  volume("var", 1, segment(1, 0, 12, "\"pv0\", 24")),
              mib - 4096 - 100);
  make_ext(disk_, files_, {"-t", "ext4"}, 20, extent(2));
  make_ext(disk_, var, {"-t", "ext4"}, 12, extent(24));
  const auto result = renew({disk_}, clone_options());
  EXPECT_EQ(fsck(disk_, extent(2)), "");
  EXPECT_EQ(fsck(disk_, extent(24)), "");
  EXPECT_EQ(guest_file(disk_, "/etc/machine-id", extent(2)), result.report.machine_id + "\n");
  EXPECT_EQ(guest_file(disk_, "/lib/dbus/machine-id", extent(24)), result.report.machine_id + "\n");
}

TEST_F(Lvm, AWholeDiskCanBeAPhysicalVolume) {
  make_volume(volume("root", 1, segment(1, 0, 20, "\"pv0\", 0")));
  make_ext(disk_, files_, {"-t", "ext4"}, 20, extent(0));
  const auto result = renew({disk_}, clone_options());
  EXPECT_EQ(guest_file(disk_, "/etc/machine-id", extent(0)), result.report.machine_id + "\n");
}

TEST_F(Lvm, VolumesThatAreNoPieceAreNamedByTheirKind) {
  make_volume(volume("root", 2, segment(1, 0, 5, "\"pv0\", 20") + segment(2, 5, 5, "\"pv0\", 2")) +
              volume("pool", 1, segment(1, 0, 5, "", "thin")));
  const std::string before = digest(disk_);
  try {
    renew({disk_}, clone_options());
    FAIL() << "nothing was thrown";
  } catch (const util::Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("disk 1 volume vg-a/root (LVM in several pieces)"));
    EXPECT_THAT(error.message(), HasSubstr("disk 1 volume vg-a/pool (LVM thin)"));
  }
  EXPECT_EQ(digest(disk_), before);
}

TEST_F(Lvm, DamagedMetadataAreAnErrorThatNamesThem) {
  make_volume("root { status = [\"VISIBLE\"] segment_count = 99999999 segment1 {");
  try {
    renew({disk_}, clone_options());
    FAIL() << "nothing was thrown";
  } catch (const util::Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("the LVM metadata can't be understood"));
  }
}

}  // namespace
}  // namespace vmtool::tests
