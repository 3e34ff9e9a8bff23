#include "bundle/attachments.hpp"

#include "bundle/annotations.hpp"
#include "bundle/parts.hpp"
#include "util/error.hpp"

namespace vmtool::bundle {
namespace {

Json attachment_json(const Attachment& one) {
  Json out{{"name", one.name}, {"bridge", one.bridge}};
  if (!one.mac.empty()) out["macAddress"] = one.mac;
  if (one.mtu != 0) out["mtu"] = one.mtu;
  out["addresses"] = one.addresses;
  for (const std::string& gateway : one.gateways)
    out["routes"].push_back({{"destination", "default"}, {"gateway", gateway}});
  return out;
}

Attachment attachment_of(const Json& item) {
  Attachment out{item.value("name", ""), item.value("bridge", "")};
  out.mac = item.value("macAddress", "");
  out.mtu = item.value("mtu", 0U);
  out.addresses = item.value("addresses", std::vector<std::string>{});
  for (const Json& route : item.value("routes", Json::array())) out.gateways.push_back(route.value("gateway", ""));
  return out;
}

[[noreturn]] void refuse_attachments() {
  throw util::Error(util::Errc::invalid_input, "the container's config.json is damaged")
      .hint("define the container again from its manifest");
}

}  // namespace

std::string write_attachments(const std::vector<Attachment>& attachments) {
  Json list = Json::array();
  for (const Attachment& one : attachments) list.push_back(attachment_json(one));
  return list.dump();
}

std::vector<Attachment> read_attachments(std::string_view text) {
  std::vector<Attachment> out;
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) return out;
  try {
    for (const Json& item : list) out.push_back(attachment_of(item));
  } catch (const Json::exception&) {
    refuse_attachments();
  }
  return out;
}

std::string with_attachments(const std::string& config, const std::vector<Attachment>& attachments) {
  Json document = Json::parse(config, nullptr, false);
  if (!document.is_object() || !document["annotations"].is_object()) refuse_attachments();
  document["annotations"].erase(annotation_interfaces);
  if (!attachments.empty()) document["annotations"][annotation_interfaces] = write_attachments(attachments);
  return document.dump(2) + "\n";
}

}  // namespace vmtool::bundle
