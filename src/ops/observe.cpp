#include "ops/observe.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include <fmt/format.h>

#include "ops/host_subnets.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"
#include "xml/host.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

// RPCs of one connection run in parallel in the daemon; more threads than this gain nothing.
constexpr std::size_t rpc_threads = 4;

std::string home() {
  const char* value = std::getenv("HOME");
  return value != nullptr ? value : "/";
}

void observe_domains(const virt::Connection& connection, const model::Manifest& manifest, Observed& observed) {
  std::set<std::string> named;
  for (const model::Document& document : manifest.documents) {
    if (std::holds_alternative<model::VirtualMachine>(document.object)) named.insert(model::name_of(document.object));
  }
  const std::vector<virt::Domain> domains = connection.domains();
  std::mutex mutex;
  util::parallel_for(domains.size(), rpc_threads, [&](std::size_t i) {
    const virt::Domain& domain = domains[i];
    ObservedDomain entry;
    entry.xml = domain.xml(virt::Flavor::inactive);
    entry.machine = xml::read_domain(entry.xml);
    entry.active = virt::is_active(domain.state());
    if (named.contains(domain.name())) entry.autostart = domain.autostart();
    entry.machine.autostart = entry.autostart;
    const std::lock_guard lock(mutex);
    observed.domains.emplace(domain.name(), std::move(entry));
  });
}

void observe_networks(const virt::Connection& connection, Observed& observed) {
  for (const virt::Network& network : connection.networks()) {
    ObservedNetwork entry;
    entry.xml = network.xml(virt::Flavor::inactive);
    entry.network = xml::read_network(entry.xml);
    entry.network.autostart = network.is_persistent() && network.autostart();
    entry.active = network.is_active();
    observed.networks.emplace(network.name(), std::move(entry));
  }
}

// A file that another tool put there is seen only after a refresh, which reads every header: only where one is missed.
std::optional<virt::Volume> find_volume(const virt::Pool& pool, const std::string& name, bool& refreshed) {
  if (auto volume = pool.find_volume(name)) return volume;
  if (refreshed) return std::nullopt;
  refreshed = true;
  pool.refresh();
  return pool.find_volume(name);
}

void observe_pools(const virt::Connection& connection, const std::set<VolumeId>& wanted, Observed& observed) {
  std::set<std::string> names;
  for (const auto& [pool, volume] : wanted) names.insert(pool);
  for (const std::string& name : names) {
    const auto pool = connection.find_pool(name);
    if (!pool) continue;
    ObservedPool entry;
    entry.pool = xml::read_pool(pool->xml());
    entry.active = pool->is_active();
    if (entry.active) {
      entry.available_bytes = pool->available_bytes();
      bool refreshed = false;
      for (const auto& [of_pool, volume_name] : wanted) {
        if (of_pool != name) continue;
        if (const auto volume = find_volume(*pool, volume_name, refreshed)) {
          entry.volumes.emplace(volume_name, xml::read_volume(volume->xml()));
        }
      }
    }
    observed.pools.emplace(name, std::move(entry));
  }
}

void observe_images(const model::Manifest& manifest, Observed& observed) {
  for (const model::Document& document : manifest.documents) {
    const auto* image = std::get_if<model::Image>(&document.object);
    if (image == nullptr) continue;
    observed.image_files.emplace(image->source_file, util::during(fmt::format("reading image '{}'", image->name), [&] {
      return storage::inspect(image->source_file);
    }));
  }
}

template <class Object>
[[noreturn]] void throw_missing(std::string_view kind, const std::string& name, const std::vector<Object>& objects) {
  std::vector<std::string> names;
  for (const Object& object : objects) names.push_back(object.name());
  const auto near = util::nearest(name, names);
  throw util::Error(util::Errc::not_found, fmt::format("there is no {} '{}'", kind, util::printable(name)))
      .hint(near ? fmt::format("did you mean '{}'?", *near) : "");
}

}  // namespace

Observed observe_host(const virt::Connection& connection) {
  Observed observed;
  observed.host = xml::read_capabilities(connection.capabilities()).uuid;
  observed.local = connection.is_local();
  observed.session = connection.is_session();
  observed.default_pool = observed.session ? home() + "/.local/share/libvirt/images" : "/var/lib/libvirt/images";
  observed.log_dir = observed.session ? home() + "/.cache/libvirt/qemu/log" : "/var/log/libvirt/qemu";
  return observed;
}

Observed observe(const virt::Connection& connection, const model::Manifest& manifest) {
  Observed observed = observe_host(connection);
  observe_domains(connection, manifest, observed);
  observe_networks(connection, observed);
  observe_pools(connection, volumes_of(manifest), observed);
  observe_images(manifest, observed);
  if (observed.local && !observed.session) {
    observed.subnets = host_subnets();
    observed.interfaces = host_interfaces();
  }
  return observed;
}

virt::Domain domain_or_throw(const virt::Connection& connection, const std::string& name) {
  if (auto domain = connection.find_domain(name)) return *domain;
  throw_missing("machine", name, connection.domains());
}

virt::Network network_or_throw(const virt::Connection& connection, const std::string& name) {
  if (auto network = connection.find_network(name)) return *network;
  throw_missing("network", name, connection.networks());
}

}  // namespace vmtool::ops
