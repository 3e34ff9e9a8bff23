#include "ops/observe.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <mutex>

#include <fmt/format.h>

#include "ops/host_subnets.hpp"
#include "ops/remembered.hpp"
#include "ops/seed_content.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/parallel.hpp"
#include "util/text.hpp"
#include "xml/domain.hpp"
#include "xml/host.hpp"
#include "xml/network.hpp"

namespace vmtool::ops {
namespace {

// What doesn't need each other is asked side by side: most of a question's time is its way there and back.
void side_by_side(const std::vector<std::function<void()>>& questions) {
  util::parallel_for(questions.size(), virt::rpc_threads, [&](std::size_t i) { questions[i](); });
}

std::string home() {
  const char* value = std::getenv("HOME");
  return value != nullptr ? value : "/";
}

void observe_host(const virt::Connection& connection, Observed& observed) {
  observed.host = host_uuid(connection);
  observed.local = connection.is_local();
  observed.session = connection.is_session();
  observed.default_pool = observed.session ? home() + "/.local/share/libvirt/images" : "/var/lib/libvirt/images";
  observed.log_dir = observed.session ? home() + "/.cache/libvirt/qemu/log" : "/var/log/libvirt/qemu";
}

template <class Object>
std::set<std::string> names_of(const model::Manifest& manifest) {
  std::set<std::string> names;
  for (const model::Document& document : manifest.documents) {
    if (std::holds_alternative<Object>(document.object)) names.insert(model::name_of(document.object));
  }
  return names;
}

void observe_domains(const virt::Connection& connection, const model::Manifest& manifest, Observed& observed) {
  const auto named = names_of<model::VirtualMachine>(manifest);
  const std::vector<virt::Domain> domains = connection.domains();
  std::mutex mutex;
  util::parallel_for(domains.size(), virt::rpc_threads, [&](std::size_t i) {
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

ObservedNetwork observe_network(const virt::Network& network, bool named) {
  ObservedNetwork entry;
  bool autostart = false;
  side_by_side({
      [&] { entry.xml = network.xml(virt::Flavor::inactive); },
      [&] {
        entry.active = network.is_active();
        if (named && entry.active) entry.live = xml::read_network(network.xml(virt::Flavor::current));
      },
      [&] { autostart = named && network.is_persistent() && network.autostart(); },
  });
  entry.network = xml::read_network(entry.xml);
  entry.network.autostart = autostart;
  return entry;
}

void observe_networks(const virt::Connection& connection, const model::Manifest& manifest, Observed& observed) {
  const auto named = names_of<model::Network>(manifest);
  const std::vector<virt::Network> networks = connection.networks();
  std::mutex mutex;
  util::parallel_for(networks.size(), virt::rpc_threads, [&](std::size_t i) {
    ObservedNetwork entry = observe_network(networks[i], named.contains(networks[i].name()));
    const std::lock_guard lock(mutex);
    observed.networks.emplace(networks[i].name(), std::move(entry));
  });
}

// A file that another tool put there is seen only after a refresh, which reads every header: only where one is missed.
std::optional<virt::Volume> find_volume(const virt::Pool& pool, const std::string& name, bool& refreshed) {
  if (auto volume = pool.find_volume(name)) return volume;
  if (refreshed) return std::nullopt;
  refreshed = true;
  pool.refresh();
  return pool.find_volume(name);
}

void observe_volumes(const virt::Pool& pool, const std::set<VolumeId>& wanted, ObservedPool& entry) {
  const virt::PoolInfo info = pool.info();
  entry.active = info.active;
  if (!info.active) return;
  entry.available_bytes = info.available_bytes;
  bool refreshed = false;
  for (const auto& [of_pool, name] : wanted) {
    if (of_pool != pool.name()) continue;
    if (const auto volume = find_volume(pool, name, refreshed))
      entry.volumes.emplace(name, xml::read_volume(volume->xml()));
  }
}

void observe_pools(const virt::Connection& connection, const std::set<VolumeId>& wanted, Observed& observed) {
  std::set<std::string> names;
  for (const auto& [pool, volume] : wanted) names.insert(pool);
  for (const std::string& name : names) {
    const auto pool = connection.find_pool(name);
    if (!pool) continue;
    ObservedPool entry;
    side_by_side({
        [&] { entry.pool = xml::read_pool(pool->xml()); },
        [&] { observe_volumes(*pool, wanted, entry); },
    });
    observed.pools.emplace(name, std::move(entry));
  }
}

void observe_links(const virt::Connection& connection, Observed& observed) {
  if (!connection.is_local() || connection.is_session()) return;
  observed.subnets = host_subnets();
  observed.interfaces = host_interfaces();
}

void observe_seed_texts(const model::Manifest& manifest, Observed& observed) {
  constexpr std::size_t largest_seed_text = 1 << 20;
  for (const model::Document& document : manifest.documents) {
    const auto* machine = std::get_if<model::VirtualMachine>(&document.object);
    if (machine == nullptr || !machine->cloud_init) continue;
    for (const std::string& path : seed_sources(*machine->cloud_init)) {
      if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        throw util::Error(util::Errc::invalid_input, fmt::format("cloudInit of '{}' names '{}', which does not exist",
                                                                 machine->name, util::printable(path)))
            .hint("'file' is the path of a file on this host");
      }
      observed.seed_texts.emplace(path, util::read_file(path, largest_seed_text));
    }
  }
}

void observe_images(const model::Manifest& manifest, Observed& observed) {
  for (const model::Document& document : manifest.documents) {
    const auto* image = std::get_if<model::Image>(&document.object);
    if (image == nullptr) continue;
    if (::access(image->source_file.c_str(), F_OK) != 0 && errno == ENOENT) {
      throw util::Error(util::Errc::invalid_input, fmt::format("image '{}' comes from '{}', which does not exist",
                                                               image->name, util::printable(image->source_file)))
          .hint("'source.file' is the path of a file on this host");
    }
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

// Fixed for the life of the daemon, which takes some milliseconds to write down all that its host can do.
util::Uuid host_uuid(const virt::Connection& connection) {
  const std::string life = daemon_life(connection.uri());
  if (const auto known = util::parse_uuid(recall("host-uuid", life).value_or(""))) return *known;
  const util::Uuid uuid = xml::read_capabilities(connection.capabilities()).uuid;
  remember("host-uuid", life, util::to_text(uuid));
  return uuid;
}

Observed observe(const virt::Connection& connection, const model::Manifest& manifest) {
  Observed observed;  // each question fills members of its own
  side_by_side({
      [&] { observe_host(connection, observed); },
      [&] { observe_domains(connection, manifest, observed); },
      [&] { observe_networks(connection, manifest, observed); },
      [&] { observe_pools(connection, volumes_of(manifest), observed); },
      [&] { observe_links(connection, observed); },
  });
  observe_images(manifest, observed);
  observe_seed_texts(manifest, observed);
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
