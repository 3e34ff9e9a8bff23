#include "xml/clone_mark.hpp"

#include "xml/document.hpp"
#include "xml/spaces.hpp"

namespace vmtool::xml {

std::optional<CloneMark> clone_mark(std::string_view domain_xml) {
  const pugi::xml_document document = parse_root(domain_xml, "domain");
  for (const pugi::xml_node node : document.document_element().child("metadata").children()) {
    if (!is_in_space(node, clone_mark_space)) continue;
    CloneMark mark;
    mark.source = node.attribute("source").value();
    mark.source_uuid = node.attribute("sourceUuid").value();
    mark.mode = node.attribute("mode").value();
    for (const pugi::xml_node disk : node.children()) {
      if (disk.attribute("path"))
        mark.disks.emplace_back(disk.attribute("target").value(), disk.attribute("path").value());
    }
    return mark;
  }
  return std::nullopt;
}

}  // namespace vmtool::xml
