#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "cli/output.hpp"
#include "ops/addresses.hpp"
#include "ops/container_state.hpp"
#include "ops/observe.hpp"
#include "util/bytes.hpp"
#include "xml/domain.hpp"

namespace vmtool::cli {
namespace {

template <class T>
Json optional_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json disk_record(const model::Disk& disk) {
  return {{"name", disk.name},
          {"target", disk.target},
          {"path", disk.path},
          {"format", model::to_text(disk.format)},
          {"bus", model::to_text(disk.bus)},
          {"capacity", disk.capacity ? Json(util::to_text(*disk.capacity)) : Json(nullptr)},
          {"image", optional_or_null(disk.image)},
          {"volume", optional_or_null(disk.volume)}};
}

Json interface_record(const model::Interface& interface) {
  return {{"name", interface.name},
          {"mac", interface.mac ? Json(model::to_text(*interface.mac)) : Json(nullptr)},
          {"network", optional_or_null(interface.network)},
          {"bridge", optional_or_null(interface.bridge)},
          {"model", model::to_text(interface.model)},
          {"address", interface.address ? Json(model::to_text(*interface.address)) : Json(nullptr)}};
}

Json machine_record(const virt::Connection& connection, const virt::Domain& domain) {
  const virt::DomainState state = domain.state();
  const model::VirtualMachine machine = xml::read_domain(domain.xml(virt::Flavor::inactive));
  Json addresses = Json::array();
  if (virt::is_active(state)) {
    for (const ops::FoundAddress& found : ops::addresses_of(connection, domain)) {
      addresses.push_back({{"address", found.address}, {"mac", found.mac}, {"source", found.source}});
    }
  }
  Json disks = Json::array();
  for (const model::Disk& disk : machine.disks) disks.push_back(disk_record(disk));
  Json interfaces = Json::array();
  for (const model::Interface& interface : machine.interfaces) interfaces.push_back(interface_record(interface));
  return {{"name", machine.name},
          {"kind", "machine"},
          {"state", virt::to_text(state)},
          {"uuid", domain.uuid()},
          {"labels", machine.labels},
          {"domainType", model::to_text(machine.domain_type)},
          {"machine", machine.machine},
          {"firmware", model::to_text(machine.firmware.type)},
          {"cpus", machine.cpu.count},
          {"memory", util::to_text(machine.memory.size)},
          {"autostart", domain.autostart()},
          {"protected", machine.is_protected},
          {"consoleLog", machine.console.log_path.empty() ? Json(nullptr) : Json(machine.console.log_path)},
          {"addresses", addresses},
          {"disks", disks},
          {"interfaces", interfaces},
          {"manifestDigest", machine.provenance ? Json(machine.provenance->digest) : Json(nullptr)}};
}

Json container_record(const std::string& name) {
  const ops::ContainerHome home;
  const bundle::Summary summary = home.summary(name);
  const ops::ObservedState observed = ops::settle_container(home, name);
  const bundle::Status& status = observed.status;
  const bool runs = ops::is_up(observed.state);
  const ops::ContainerPaths paths = home.paths(name);
  return {
      {"name", name},
      {"kind", "container"},
      {"state", ops::to_text(observed.state)},
      {"uuid", or_null(summary.uuid)},
      {"hostname", summary.hostname},
      {"image", summary.image ? Json(summary.image->name) : Json(nullptr)},
      {"layers", summary.layers},
      {"pid", runs ? Json(status.pid) : Json(nullptr)},
      {"startedAt", or_null(status.started_at)},
      {"finishedAt", or_null(status.finished_at)},
      {"exitCode", optional_or_null(status.exit_code)},
      {"signal", status.signal != 0 ? Json(status.signal) : Json(nullptr)},
      {"oomKilled", status.out_of_memory},
      {"restarts", status.restarts},
      {"restartPolicy", model::to_text(summary.restart_policy)},
      {"memoryLimit", summary.memory_limit ? Json(util::to_text(util::Bytes{*summary.memory_limit})) : Json(nullptr)},
      {"cpus", optional_or_null(summary.cpus)},
      {"pidsLimit", optional_or_null(summary.pids_limit)},
      {"autostart", summary.autostart},
      {"protected", summary.is_protected},
      {"addresses", runs ? Json(bundle::addresses_of(summary)) : Json::array()},
      {"bundle", paths.bundle.native()},
      {"log", paths.log().native()},
      {"manifestDigest", or_null(summary.digest)}};
}

}  // namespace

void add_show(Grammar& grammar) {
  Command command = grammar.command("show", "Show all that is known of a machine or container");
  const auto name = std::make_shared<std::string>();
  command.argument("NAME", *name, "The machine or container");
  command.on([name](Session& session) {
    if (is_container(*name)) {
      print_record(container_record(*name), session.globals().output);
      return 0;
    }
    print_record(machine_record(session.connection(), ops::domain_or_throw(session.connection(), *name)),
                 session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
