#include "ops/container_list.hpp"

#include "ops/container_remove.hpp"
#include "ops/container_state.hpp"
#include "util/error.hpp"

namespace vmtool::ops {
namespace {

ListedGuest listed(const ContainerHome& home, const std::string& name) {
  const bundle::Summary summary = home.summary(name);
  const ContainerState state = settle_container(home, name).state;
  return {name,           "container",
          to_text(state), is_up(state) ? bundle::addresses_of(summary) : std::vector<std::string>{},
          summary.cpus,   summary.memory_limit};
}

}  // namespace

std::vector<ListedGuest> list_containers(const ContainerHome& home, ContainerWiring& wiring) {
  std::vector<ListedGuest> guests;
  for (const std::string& name : home.names()) {
    try {
      if (home.summary(name).remove_at_end && remove_if_over(home, name, wiring)) continue;
      guests.push_back(listed(home, name));
    } catch (const util::Error& error) {
      if (error.kind() == util::Errc::not_found) continue;  // deleted meanwhile
      guests.push_back({name, "container", "damaged", {}, {}, {}});
    }
  }
  return guests;
}

}  // namespace vmtool::ops
