#include "xml/unique_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.hpp"

namespace vmtool::xml {

static void PrintTo(const UniqueField& field, std::ostream* out) {
  *out << field.kind << "=" << field.value << " (" << field.place << ")";
}
static bool operator==(const UniqueField& a, const UniqueField& b) {
  return a.kind == b.kind && a.value == b.value && a.place == b.place;
}

}  // namespace vmtool::xml

namespace vmtool::tests {
namespace {

using testing::ElementsAre;
using xml::UniqueField;

TEST(UniqueFields, AreEverythingThatTwoMachinesMustNotShare) {
  const auto fields = xml::unique_fields(R"(<domain>
  <uuid>ABCDEF00-1111-2222-3333-444444444444</uuid><genid>Aa000000-1111-2222-3333-444444444444</genid>
  <sysinfo type='smbios'><system><entry name='serial'>S1</entry><entry name='product'>P</entry></system></sysinfo>
  <os><nvram>/nv/a.fd</nvram></os>
  <devices>
    <disk type='file' device='disk'><source file='/d/a.qcow2'/><target dev='vda'/><serial>D1</serial><wwn>5000C50015EA71AC</wwn></disk>
    <disk type='volume' device='disk'><source pool='p' volume='v'/><target dev='vdb'/></disk>
    <disk type='file' device='disk'><source file='/d/shared.raw'/><target dev='vdc'/><shareable/></disk>
    <disk type='file' device='cdrom'><source file='/d/seed.iso'/><target dev='sda'/><readonly/></disk>
    <interface type='network'><mac address='52:54:00:AB:00:01'/></interface>
    <vsock><cid auto='no' address='7'/></vsock>
    <graphics type='vnc' port='5901' websocket='5701' autoport='no'/>
    <graphics type='spice' port='-1' autoport='yes'/>
    <serial type='file'><source path='/l/a.log'/></serial>
    <console type='file'><source path='/l/a.log'/></console>
    <channel type='unix'><source path='/s/agent'/></channel>
    <shmem name='ring'/>
  </devices></domain>)");
  EXPECT_THAT(fields,
              ElementsAre(UniqueField{"uuid", "abcdef00-1111-2222-3333-444444444444", ""},
                          UniqueField{"genid", "aa000000-1111-2222-3333-444444444444", ""},
                          UniqueField{"smbios", "S1", "system serial"}, UniqueField{"nvram", "/nv/a.fd", ""},
                          UniqueField{"disk serial", "D1", "vda"}, UniqueField{"wwn", "5000c50015ea71ac", "vda"},
                          UniqueField{"disk", "/d/a.qcow2", "vda"}, UniqueField{"disk", "p/v", "vdb"},
                          UniqueField{"mac", "52:54:00:ab:00:01", ""}, UniqueField{"vsock cid", "7", ""},
                          UniqueField{"port", "5901", "vnc port"}, UniqueField{"port", "5701", "vnc websocket"},
                          UniqueField{"path", "/l/a.log", "serial"}, UniqueField{"path", "/s/agent", "channel"},
                          UniqueField{"shmem", "ring", ""}));
}

TEST(UniqueFields, LeaveOutWhatLibvirtChooses) {
  EXPECT_TRUE(xml::unique_fields("<domain><devices><vsock><cid auto='yes' address='3'/></vsock>"
                                 "<graphics type='vnc' port='5900' autoport='yes'/></devices></domain>")
                  .empty());
  EXPECT_THROW(xml::unique_fields("<pool/>"), util::Error);
}

}  // namespace
}  // namespace vmtool::tests
