#include "xml/document.hpp"
#include "xml/storage.hpp"
#include "xml/values.hpp"

namespace vmtool::xml {

VolumeFacts read_volume(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "volume");
  const pugi::xml_node root = document.document_element();
  const pugi::xml_node target = root.child("target");
  const pugi::xml_node backing = root.child("backingStore");
  VolumeFacts facts;
  facts.name = root.child("name").text().get();
  facts.path = target.child("path").text().get();
  facts.format = target.child("format").attribute("type").value();
  facts.capacity = read_size(root.child("capacity"), 1).value_or(util::Bytes{});
  facts.allocation = read_size(root.child("allocation"), 1).value_or(util::Bytes{});
  facts.backing_path = backing.child("path").text().get();
  facts.backing_format = backing.child("format").attribute("type").value();
  facts.compat = target.child("compat").text().get();
  facts.lazy_refcounts = static_cast<bool>(target.child("features").child("lazy_refcounts"));
  if (target.child("clusterSize")) facts.cluster_size = read_size(target.child("clusterSize"), 1);
  return facts;
}

model::Pool read_pool(std::string_view xml) {
  const pugi::xml_document document = parse_root(xml, "pool");
  const pugi::xml_node root = document.document_element();
  return {.name = root.child("name").text().get(), .path = root.child("target").child("path").text().get()};
}

}  // namespace vmtool::xml
