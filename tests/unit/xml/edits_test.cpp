#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/xml/samples.hpp"
#include "tests/unit/xml/text.hpp"
#include "xml/domain.hpp"
#include "xml/merge.hpp"

namespace vmtool::xml {
namespace {

using model::XmlEdit;
using testing::HasSubstr;
using testing::Not;
using util::Errc;

XmlEdit set_edit(std::string xpath, std::string value) {
  return {std::move(xpath), std::move(value), std::nullopt, false};
}
XmlEdit add_edit(std::string xpath, std::string value) {
  return {std::move(xpath), std::nullopt, std::move(value), false};
}
XmlEdit delete_edit(std::string xpath) { return {std::move(xpath), std::nullopt, std::nullopt, true}; }

std::string with(std::vector<XmlEdit> edits) {
  model::VirtualMachine edited = tests::machine();
  edited.xml = std::move(edits);
  return write_domain(edited);
}

util::Error fault_of(XmlEdit edit) {
  return tests::error_of([&] { with({std::move(edit)}); });
}

TEST(Edits, SetAttributesAndText) {
  const std::string text = with({set_edit("./devices/memballoon/@model", "none"), set_edit("./vcpu", "8 & more"),
                                 set_edit("./devices/controller/@index", "3")});
  EXPECT_THAT(text, HasSubstr("<memballoon model='none'"));
  EXPECT_THAT(text, HasSubstr("<vcpu placement='static'>8 &amp; more</vcpu>"));
  EXPECT_THAT(text, HasSubstr("<controller type='usb' index='3'"));
}

TEST(Edits, AddElementsToEachSelected) {
  const std::string text = with({add_edit("./devices/rng | ./pm", "<x a='1'/><y>t</y>")});
  EXPECT_THAT(text, HasSubstr("</backend>\n      <x a='1'/>\n      <y>t</y>\n    </rng>"));
  EXPECT_THAT(text, HasSubstr("<y>t</y>\n  </pm>"));
}

TEST(Edits, DeleteAttributesAndElements) {
  const std::string text = with({delete_edit("./devices/memballoon/@freePageReporting"), delete_edit("./devices/rng")});
  EXPECT_THAT(text, HasSubstr("<memballoon model='virtio'/>"));
  EXPECT_THAT(text, Not(HasSubstr("<rng")));
}

TEST(Edits, ApplyInTheirOrder) {
  EXPECT_THAT(with({add_edit(".", "<a/>"), set_edit("./a", "1"), add_edit("./a", "<b/>"), delete_edit("./a/b")}),
              HasSubstr("<a>1</a>"));
}

TEST(Edits, NestedSelectionsAreDeletedOnce) {
  EXPECT_THAT(with({delete_edit("./devices//*")}), HasSubstr("<devices/>"));
  EXPECT_THAT(with({set_edit("./devices | ./devices/rng", "x")}), HasSubstr("<devices>x</devices>"));
}

TEST(Edits, ReadPrefixesAsPartOfTheName) {
  const std::string arg =
      "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg "
      "value='-S'/></qemu:commandline>";
  EXPECT_THAT(with({add_edit(".", arg), set_edit("./qemu:commandline/qemu:arg/@value", "-no-reboot")}),
              HasSubstr("<qemu:arg value='-no-reboot'/>"));
}

TEST(Edits, AreKeptWithTheMachine) {
  model::VirtualMachine edited = tests::machine();
  edited.xml = {set_edit("./devices/memballoon/@model", "none"), add_edit(".", "<a b=\"'\">\n&amp;</a>"),
                delete_edit("./pm")};
  EXPECT_EQ(read_domain(write_domain(edited)), edited);
}

TEST(Edits, FaultsNameTheXpath) {
  for (const char* xpath : {"./devices/[", "", "count(./devices)", "./devices/@"}) {
    const util::Error error = fault_of(set_edit(xpath, "1"));
    EXPECT_EQ(error.kind(), Errc::invalid_input) << xpath;
    EXPECT_THAT(error.message(), HasSubstr("xml edit '" + std::string(xpath) + "' is no XPath"));
  }
  for (const char* xpath : {"./devices/tpm", "./devices/memballoon/@nope", "/network"}) {
    const util::Error error = fault_of(delete_edit(xpath));
    EXPECT_EQ(error.kind(), Errc::invalid_input) << xpath;
    EXPECT_EQ(error.message(), "xml edit '" + std::string(xpath) + "' selects nothing");
  }
}

TEST(Edits, WhatCannotBeChangedIsRefused) {
  EXPECT_THAT(fault_of(delete_edit(".")).message(), HasSubstr("would delete the whole document"));
  EXPECT_THAT(fault_of(add_edit("./vcpu/@placement", "<a/>")).message(), HasSubstr("can add to elements only"));
  EXPECT_THAT(fault_of(set_edit("./vcpu/text()", "1")).message(), HasSubstr("can set attributes and elements only"));
}

TEST(Edits, WhatIsAddedMustBeWellFormed) {
  for (const char* xml : {"<a", "<a></b>", "</add><add>", "<a b=c/>"}) {
    const util::Error error = fault_of(add_edit("./devices", xml));
    EXPECT_EQ(error.kind(), Errc::invalid_input) << xml;
    EXPECT_THAT(error.message(), HasSubstr("xml edit './devices'")) << xml;
  }
}

}  // namespace
}  // namespace vmtool::xml
