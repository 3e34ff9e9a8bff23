// libvirt's own schemas judge every golden document.
#include <cstdarg>
#include <cstdio>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include "tests/golden/xml/cases.hpp"
#include "util/handle.hpp"

namespace vmtool::tests {
namespace {

using Parser = util::Handle<xmlRelaxNGParserCtxt, xmlRelaxNGFreeParserCtxt>;
using Schema = util::Handle<xmlRelaxNG, xmlRelaxNGFree>;
using Check = util::Handle<xmlRelaxNGValidCtxt, xmlRelaxNGFreeValidCtxt>;
using Document = util::Handle<xmlDoc, xmlFreeDoc>;

__attribute__((format(printf, 2, 3))) void collect(void* target, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  char line[512];
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  *static_cast<std::string*>(target) += line;
}

Schema schema_of(const std::string& kind) {
  const Parser parser(xmlRelaxNGNewParserCtxt(("/usr/share/libvirt/schemas/" + kind + ".rng").c_str()));
  return Schema(xmlRelaxNGParse(parser.get()));
}

// The validator's complaints; empty: valid.
std::string complaints(const Schema& schema, const std::string& xml) {
  const Document document(
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "case.xml", nullptr, XML_PARSE_NONET));
  if (!document) return "not well-formed";
  const Check check(xmlRelaxNGNewValidCtxt(schema.get()));
  std::string out;
  xmlRelaxNGSetValidErrors(check.get(), collect, collect, &out);
  const int result = xmlRelaxNGValidateDoc(check.get(), document.get());
  return result == 0 ? "" : "invalid: " + out;
}

TEST(Schema, EveryGoldenDocumentIsValid) {
  std::map<std::string, Schema> schemas;
  for (const Written& written : written_cases()) {
    SCOPED_TRACE(written.golden());
    Schema& schema = schemas[written.kind];
    if (!schema) schema = schema_of(written.kind);
    ASSERT_TRUE(schema) << "libvirt's schemas are not installed";
    EXPECT_EQ(complaints(schema, written.xml), "") << written.xml;
  }
}

TEST(Schema, WouldFindAFault) {
  const Schema schema = schema_of("domain");
  ASSERT_TRUE(schema);
  EXPECT_NE(complaints(schema, "<domain type='kvm'><name>a</name><nonsense/></domain>"), "");
}

}  // namespace
}  // namespace vmtool::tests
