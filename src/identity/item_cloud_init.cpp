#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "identity/items.hpp"
#include "util/text.hpp"

namespace vmtool::identity {
namespace {

constexpr const char* cloud_init_item_name = "cloud-init";
constexpr const char* id_path = "/var/lib/cloud/data/instance-id";
constexpr const char* seed_pattern = "/var/lib/cloud/seed/*/meta-data";
constexpr const char* state_patterns[] = {"/var/lib/cloud/instances/**", "/var/lib/cloud/data/**",
                                          "/var/lib/cloud/sem/**", "/var/lib/cloud/instance"};

std::string new_instance_id(Draft& draft) {
  std::array<unsigned char, 8> bytes{};
  draft.fresh().random(bytes);
  return "iid-" + util::to_hex(bytes);
}

// What "cloud-init clean" removes: at the next boot it takes this for a new instance.
void forget_instance(Draft& draft) {
  std::vector<std::string> paths;
  for (const char* pattern : state_patterns) {
    for (const Fact* fact : draft.facts().matching(pattern)) paths.push_back(fact->path);
  }
  // Children before their directory.
  std::sort(paths.begin(), paths.end(), std::greater<>());
  for (const std::string& path : paths) draft.remove(path);
  const Fact* id = draft.facts().file(id_path);
  const std::string old_id = id == nullptr ? std::string() : std::string(util::trim(id->content));
  draft.note({.item = cloud_init_item_name,
              .path = "/var/lib/cloud",
              .status = paths.empty() ? Status::absent : Status::removed,
              .old_value = old_id,
              .new_value = {},
              .reason = {}});
}

// A seed inside the guest names the instance itself, so that it must name a new one.
void renew_seed(Draft& draft, const Fact& seed) {
  const std::string key = "instance-id:";
  std::string text = seed.content;
  const std::size_t at = text.starts_with(key) ? 0 : text.find("\n" + key);
  if (at == std::string::npos) return;
  const std::size_t value = text.find(':', at) + 1;
  const std::size_t end = std::min(text.find('\n', value), text.size());
  const std::string old_id(util::trim(std::string_view(text).substr(value, end - value)));
  const std::string new_id = new_instance_id(draft);
  draft.write(seed, text.replace(value, end - value, " " + new_id));
  draft.note({.item = cloud_init_item_name,
              .path = seed.path,
              .status = Status::renewed,
              .old_value = old_id,
              .new_value = new_id,
              .reason = {}});
}

void plan_cloud_init(Draft& draft) {
  forget_instance(draft);
  for (const Fact* seed : draft.facts().matching(seed_pattern)) {
    if (seed->has_content) renew_seed(draft, *seed);
  }
}

}  // namespace

Item cloud_init_item() {
  Item item{cloud_init_item_name,
            "what cloud-init remembers of the instance that it set up",
            {{id_path}, {seed_pattern}},
            plan_cloud_init};
  for (const char* pattern : state_patterns) item.interests.push_back({pattern, Interest::Content::skip});
  return item;
}

}  // namespace vmtool::identity
