#include "xml/domain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/xml/samples.hpp"
#include "tests/unit/xml/text.hpp"
#include "util/error.hpp"

namespace vmtool::xml {
namespace {

using testing::HasSubstr;
using testing::Not;
using tests::error_of;
using tests::machine;
using util::Errc;
using util::Error;

TEST(Domain, WrittenIsRead) {
  const model::VirtualMachine before = machine();
  EXPECT_EQ(read_domain(write_domain(before)), before);
}

TEST(Domain, SameMachineGivesSameText) { EXPECT_EQ(write_domain(machine()), write_domain(machine())); }

TEST(Domain, HostileTextStaysText) {
  model::VirtualMachine hostile = machine();
  const std::string text = "</domain>\"'&<x a='1'>]]>\r\n\t<!-- & -->";
  hostile.labels = {{"a&<'\"", text}};
  hostile.boot = {.kernel = "/boot/a&b", .initrd = "", .cmdline = "init=\"<&'>\" quiet"};
  hostile.provenance = {"name: a\r\nkind: <b> & ]]>\n\n  tail\n", "00"};
  hostile.disks[0].serial = "<&>'\"";
  EXPECT_EQ(read_domain(write_domain(hostile)), hostile);
}

TEST(Domain, CharactersThatXmlCannotHoldAreRefused) {
  for (const std::string& bad :
       {std::string("a\x01z"), std::string("a\0z", 3), std::string("\xff"), std::string("\xef\xbf\xbe")}) {
    model::VirtualMachine hostile = machine();
    hostile.labels = {{"note", bad}};
    const Error error = error_of([&] { write_domain(hostile); });
    EXPECT_EQ(error.kind(), Errc::invalid_input);
    EXPECT_THAT(error.message(), HasSubstr("XML can't"));
  }
}

TEST(Domain, WhatIsOpenIsLeftOutAndMarked) {
  model::VirtualMachine open = machine();
  open.uuid = std::nullopt;
  open.domain_type = model::DomainType::automatic;
  open.interfaces[0].mac = std::nullopt;
  open.disks[0].path.clear();
  open.disks[0].target.clear();
  const std::string text = write_domain(open);
  EXPECT_THAT(text, HasSubstr("<domain type='kvm'>"));
  EXPECT_THAT(text, Not(HasSubstr("<uuid>")));
  EXPECT_THAT(text, Not(HasSubstr("<mac ")));
  EXPECT_THAT(text, HasSubstr("<!-- uuid: "));
  EXPECT_THAT(text, HasSubstr("<!-- mac: "));
  EXPECT_THAT(text, HasSubstr("<!-- type: "));
  EXPECT_THAT(text, HasSubstr("<source pool='default' volume='web-root.qcow2'/>"));
  EXPECT_THAT(text, HasSubstr("<target dev='vda' bus='virtio'/>"));
}

TEST(Domain, BrokenXmlIsInvalidInput) {
  for (const char* text : {"", "<domain", "<domain></network>", "<network/>", "not xml", "<domain/><domain/>"}) {
    EXPECT_EQ(error_of([&] { read_domain(text); }).kind(), Errc::invalid_input) << text;
  }
}

TEST(Domain, BrokenXmlNamesTheLine) {
  EXPECT_THAT(error_of([] { read_domain("<domain>\n<name>a</nam>\n</domain>"); }).message(), HasSubstr("line 2"));
}

TEST(Domain, DeepXmlIsInvalidInput) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<domain>";
  for (int i = 0; i < 100'000; ++i) deep += "</domain>";
  const Error error = error_of([&] { read_domain(deep); });
  EXPECT_EQ(error.kind(), Errc::invalid_input);
  EXPECT_THAT(error.message(), HasSubstr("128 levels"));
}

}  // namespace
}  // namespace vmtool::xml
