#include "bundle/annotations.hpp"

#include "bundle/parts.hpp"
#include "util/duration.hpp"

namespace vmtool::bundle {

Json annotations_json(const model::Container& container, const ConfigFacts& facts) {
  Json out = Json::object();
  if (!facts.attachments.empty()) out[annotation_interfaces] = write_attachments(facts.attachments);
  if (container.init) out[annotation_init] = "true";
  if (container.seccomp == "unconfined") out[annotation_seccomp] = "unconfined";
  const std::string image_signal = facts.image ? facts.image->stop_signal : "";
  if (const std::string signal = container.stop_signal.value_or(image_signal); !signal.empty())
    out[annotation_stop_signal] = signal;
  out[annotation_restart] = model::to_text(container.restart_policy);
  out[annotation_stop_timeout] = util::to_text(container.stop_timeout);
  if (container.autostart) out[annotation_autostart] = "true";
  if (container.is_protected) out[annotation_protected] = "true";
  if (facts.remove_at_end) out[annotation_remove] = "true";
  if (facts.image) out[annotation_image] = write_image_defaults(*facts.image);
  if (!facts.uuid.empty()) out[annotation_uuid] = facts.uuid;
  if (!facts.digest.empty()) out[annotation_digest] = facts.digest;
  return out;
}

}  // namespace vmtool::bundle
