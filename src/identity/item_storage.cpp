// Names by which storage servers know the machine: the iSCSI initiator and the NVMe host.
#include <array>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "util/text.hpp"
#include "util/uuid.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* iscsi_path = "/etc/iscsi/initiatorname.iscsi";
constexpr const char* nqn_path = "/etc/nvme/hostnqn";
constexpr const char* hostid_path = "/etc/nvme/hostid";
constexpr std::string_view iscsi_key = "InitiatorName=";
constexpr std::string_view nqn_prefix = "nqn.2014-08.org.nvmexpress:uuid:";

Outcome absent(const char* item) {
  return {.item = item, .path = {}, .status = Status::absent, .old_value = {}, .new_value = {}, .reason = {}};
}

void plan_iscsi(Draft& draft) {
  const Fact* file = draft.facts().file(iscsi_path);
  if (file == nullptr) return draft.note(absent("iscsi"));
  std::vector<std::string> lines = util::split(file->content, '\n');
  Outcome outcome{.item = "iscsi",
                  .path = iscsi_path,
                  .status = Status::kept,
                  .old_value = {},
                  .new_value = {},
                  .reason = "the name is made at the first boot"};
  for (std::string& line : lines) {
    if (!line.starts_with(iscsi_key)) continue;
    outcome.old_value = std::string(util::trim(std::string_view(line).substr(iscsi_key.size())));
    std::array<unsigned char, 6> bytes{};
    draft.fresh().random(bytes);
    // The part after the last colon is the host's own (RFC 3720, section 3.2.6.3.1).
    outcome.new_value = outcome.old_value.substr(0, outcome.old_value.rfind(':')) + ":" + util::to_hex(bytes);
    outcome.status = Status::renewed;
    outcome.reason.clear();
    line = std::string(iscsi_key) + outcome.new_value;
    draft.write(*file, util::join(lines, "\n"));
  }
  draft.note(std::move(outcome));
}

void plan_nvme(Draft& draft) {
  const Fact* nqn = draft.facts().file(nqn_path);
  const Fact* hostid = draft.facts().file(hostid_path);
  if (nqn == nullptr && hostid == nullptr) return draft.note(absent("nvme"));
  util::Uuid uuid;
  draft.fresh().random(uuid.bytes);
  uuid.bytes[6] = static_cast<unsigned char>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<unsigned char>((uuid.bytes[8] & 0x3f) | 0x80);
  const auto put = [&](const Fact* file, const std::string& value) {
    if (file == nullptr) return;
    draft.write(*file, value + "\n");
    draft.note({.item = "nvme",
                .path = file->path,
                .status = Status::renewed,
                .old_value = std::string(util::trim(file->content)),
                .new_value = value,
                .reason = {}});
  };
  put(nqn, std::string(nqn_prefix) + util::to_text(uuid));
  put(hostid, util::to_text(uuid));
}

}  // namespace

Item iscsi_item() { return {"iscsi", "the name of the iSCSI initiator", {{iscsi_path}}, plan_iscsi}; }

Item nvme_item() { return {"nvme", "the NVMe host's qualified name and id", {{nqn_path}, {hostid_path}}, plan_nvme}; }

}  // namespace vmtool::identity
