#include "tests/golden/xml/cases.hpp"

#include <cstdlib>

#include "xml/domain.hpp"
#include "xml/network.hpp"
#include "xml/storage.hpp"

namespace vmtool::tests {
namespace {

using namespace util;  // the literals of sizes
using model::DiskFormat;
using model::Volume;

Volume volume(const std::string& name, DiskFormat format) {
  Volume out;
  out.name = name + "." + std::string(to_text(format));
  out.format = format;
  out.capacity = 1_GiB;
  return out;
}

}  // namespace

std::vector<Case<Volume>> volume_cases() {
  std::vector<Case<Volume>> cases;
  for (const auto& [format, format_word] : model::Words<DiskFormat>::table) {
    for (const auto& [mode, word] : model::Words<model::Preallocation>::table) {
      if (format == DiskFormat::raw && mode == model::Preallocation::metadata) continue;
      const std::string name = std::string(format_word) + "-" + std::string(word);
      Volume out = volume(name, format);
      out.preallocation = mode;
      cases.push_back({name, std::move(out)});
    }
  }
  Volume details = volume("details", DiskFormat::qcow2);
  details.cluster_size = 2_MiB;
  details.lazy_refcounts = true;
  details.on_delete = model::OnDelete::remove;
  cases.push_back({"qcow2-details", std::move(details)});
  for (const auto& [format, word] : model::Words<DiskFormat>::table) {
    Volume overlay = volume("overlay-on-" + std::string(word), DiskFormat::qcow2);
    overlay.backing = model::BackingFile{"/var/lib/libvirt/images/debian 12 & <more>", format};
    cases.push_back({"overlay-on-" + std::string(word), std::move(overlay)});
  }
  Volume edited = volume("edited", DiskFormat::raw);
  edited.xml = {{.xpath = "./target", .set = {}, .add = "<nocow/>", .remove = false}};
  cases.push_back({"xml-edits", std::move(edited)});
  return cases;
}

std::vector<Case<model::Pool>> pool_cases() {
  return {{"dir", {"default", "/var/lib/libvirt/images"}}, {"dir-hostile-path", {"odd", "/srv/it's a <pool> & more"}}};
}

std::filesystem::path Written::golden() const {
  return std::filesystem::path(std::getenv("VMTOOL_SOURCE_DIR")) / "tests/golden/xml" / kind / (name + ".xml");
}

std::vector<Written> written_cases() {
  std::vector<Written> out;
  for (const auto& each : machine_cases()) out.push_back({"domain", each.name, xml::write_domain(each.model)});
  for (const auto& each : network_cases()) out.push_back({"network", each.name, xml::write_network(each.model)});
  for (const auto& each : volume_cases()) out.push_back({"storagevol", each.name, xml::write_volume(each.model)});
  for (const auto& each : pool_cases()) out.push_back({"storagepool", each.name, xml::write_pool(each.model)});
  return out;
}

}  // namespace vmtool::tests
