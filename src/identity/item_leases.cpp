#include <array>

#include "identity/items.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* leases_item_name = "dhcp-leases";

constexpr std::array<const char*, 11> lease_patterns{"/var/lib/dhcp/*.leases",
                                                     "/var/lib/dhcp/*.lease",
                                                     "/var/lib/dhclient/*",
                                                     "/var/lib/dhcpcd/*",
                                                     "/var/lib/dhcpcd5/*",
                                                     "/etc/dhcpcd.duid",
                                                     "/etc/dhcpcd.secret",
                                                     "/var/lib/NetworkManager/*.lease",
                                                     "/var/lib/NetworkManager/secret_key",
                                                     "/var/lib/systemd/network/*",
                                                     "/var/lib/wicked/*.xml"};

// Settings that fix a DHCP client id by hand.
constexpr std::array<std::pair<const char*, const char*>, 4> fixed_ids{
    {{"/etc/dhcp/dhclient.conf", "dhcp-client-identifier"},
     {"/etc/systemd/networkd.conf", "DUIDRawData="},
     {"/etc/dhcpcd.conf", "clientid "},
     {"/etc/systemd/network/*.network", "DUIDRawData="}}};

bool sets(const std::string& content, const char* setting) {
  for (const std::string& line : util::split(content, '\n')) {
    const std::string_view text = util::trim(line);
    if (!text.starts_with('#') && !text.starts_with(';') && text.find(setting) != text.npos) return true;
  }
  return false;
}

void plan_leases(Draft& draft) {
  bool any = false;
  for (const char* pattern : lease_patterns) {
    for (const Fact* file : draft.facts().matching(pattern)) {
      if (file->kind != Kind::file && !file->is_link) continue;
      any = true;
      draft.remove(file->path);
      draft.note({.item = leases_item_name,
                  .path = file->path,
                  .status = Status::removed,
                  .old_value = {},
                  .new_value = {},
                  .reason = {}});
    }
  }
  if (!any)
    draft.note({.item = leases_item_name,
                .path = {},
                .status = Status::absent,
                .old_value = {},
                .new_value = {},
                .reason = {}});
  for (const auto& [pattern, setting] : fixed_ids) {
    for (const Fact* file : draft.facts().matching(pattern)) {
      if (!sets(file->content, setting)) continue;
      draft.report().warnings.push_back("'" + file->path +
                                        "' fixes a DHCP client id, which the clone shares with its source");
    }
  }
}

}  // namespace

Item lease_item() {
  Item item{leases_item_name, "leases and client ids that DHCP clients remember", {}, plan_leases};
  for (const char* pattern : lease_patterns) item.interests.push_back({pattern, Interest::Content::skip});
  for (const auto& [pattern, setting] : fixed_ids) item.interests.push_back({pattern, Interest::Content::read});
  return item;
}

}  // namespace vmtool::identity
