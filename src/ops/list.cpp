#include "ops/list.hpp"

#include <algorithm>

#include "ops/addresses.hpp"
#include "util/parallel.hpp"
#include "xml/domain.hpp"

namespace vmtool::ops {

std::vector<ListedGuest> list_guests(const virt::Connection& connection) {
  std::vector<virt::DomainStats> stats = connection.domain_stats();
  std::sort(stats.begin(), stats.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::vector<ListedGuest> guests(stats.size());
  std::vector<std::size_t> running;
  for (std::size_t i = 0; i < stats.size(); ++i) {
    guests[i] = {
        stats[i].name, "machine", virt::to_text(stats[i].state), {}, stats[i].vcpus, stats[i].balloon_kib << 10};
    if (virt::is_active(stats[i].state)) running.push_back(i);
  }
  if (running.empty()) return guests;
  const auto leases = leases_by_mac(connection);
  util::parallel_for(running.size(), 4, [&](std::size_t n) {
    const std::size_t i = running[n];
    const auto domain = connection.find_domain(stats[i].name);
    if (!domain) return;  // gone since the stats call
    for (FoundAddress& address : lease_addresses(xml::read_domain(domain->xml(virt::Flavor::current)), leases)) {
      guests[i].addresses.push_back(std::move(address.address));
    }
  });
  return guests;
}

}  // namespace vmtool::ops
