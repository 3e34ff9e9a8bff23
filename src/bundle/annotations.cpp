#include "bundle/annotations.hpp"

#include "bundle/parts.hpp"
#include "util/duration.hpp"

namespace vmtool::bundle {
namespace {

Json attachment_json(const Attachment& one) {
  Json out{{"name", one.name}, {"bridge", one.bridge}};
  if (!one.host_name.empty()) out["hostName"] = one.host_name;
  if (!one.mac.empty()) out["macAddress"] = one.mac;
  if (one.mtu != 0) out["mtu"] = one.mtu;
  out["addresses"] = one.addresses;
  if (!one.gateways.empty()) {
    for (const std::string& gateway : one.gateways) out["routes"].push_back({{"destination", "default"}, {"gateway", gateway}});
  }
  return out;
}

}  // namespace

Json annotations_json(const model::Container& container, const ConfigFacts& facts) {
  Json out = Json::object();
  if (!facts.attachments.empty()) {
    Json list = Json::array();
    for (const Attachment& one : facts.attachments) list.push_back(attachment_json(one));
    out[annotation_interfaces] = list.dump();
  }
  if (container.init) out[annotation_init] = "true";
  if (container.seccomp == "unconfined") out[annotation_seccomp] = "unconfined";
  const std::string image_signal = facts.image ? facts.image->stop_signal : "";
  if (const std::string signal = container.stop_signal.value_or(image_signal); !signal.empty()) out[annotation_stop_signal] = signal;
  out[annotation_restart] = model::to_text(container.restart_policy);
  out[annotation_stop_timeout] = util::to_text(container.stop_timeout);
  if (container.autostart) out[annotation_autostart] = "true";
  if (container.is_protected) out[annotation_protected] = "true";
  if (facts.remove_at_end) out[annotation_remove] = "true";
  if (!facts.image_name.empty()) out[annotation_image] = facts.image_name;
  if (!facts.uuid.empty()) out[annotation_uuid] = facts.uuid;
  if (!facts.digest.empty()) out[annotation_digest] = facts.digest;
  return out;
}

}  // namespace vmtool::bundle
