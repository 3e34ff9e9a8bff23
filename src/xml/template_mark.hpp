#pragma once
// The mark of a domain that is a template: a source of clones that is not started itself. It is an element of its own in
// <metadata>, which machines of other tools can have too. libvirt keeps one element a namespace, so it has its own:
//
//   <vmtool-template:template xmlns:vmtool-template='urn:vmtool:template:1' sealed='2026-05-01T10:00:00Z'/>

#include <optional>
#include <string>
#include <string_view>

namespace vmtool::xml {

inline constexpr const char* template_space = "urn:vmtool:template:1";
inline constexpr const char* template_prefix = "vmtool-template";

/// When the domain was sealed (RFC 3339), as its mark says; absent where it is no template. Throws Error{invalid_input}
/// where it is no domain XML.
std::optional<std::string> template_mark(std::string_view domain_xml);

/// The element without its namespace, as virDomainSetMetadata takes it.
std::string write_template_mark(std::string_view sealed);

/// The domain XML without the mark, as a clone of a template has it; without one, the text as it is.
std::string without_template_mark(std::string_view domain_xml);

}  // namespace vmtool::xml
