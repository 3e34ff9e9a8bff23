#include "ops/define.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "ops/container_define.hpp"
#include "ops/domain_type.hpp"
#include "ops/observe.hpp"
#include "util/error.hpp"

namespace vmtool::ops {
namespace {

bool needs_choice(const model::Manifest& manifest, const Observed& observed) {
  return std::any_of(manifest.documents.begin(), manifest.documents.end(), [&](const model::Document& document) {
    const auto* machine = std::get_if<model::VirtualMachine>(&document.object);
    return machine != nullptr && machine->domain_type == model::DomainType::automatic &&
           !observed.domains.contains(machine->name);
  });
}

// libvirt defines a machine whose kernel is missing, and fails when it starts.
void check_boot_files(const model::Manifest& manifest) {
  for (const model::Document& document : manifest.documents) {
    const auto* machine = std::get_if<model::VirtualMachine>(&document.object);
    if (machine == nullptr || !machine->boot) continue;
    for (const std::string& path : {machine->boot->kernel, machine->boot->initrd}) {
      if (path.empty() || ::access(path.c_str(), F_OK) == 0) continue;
      throw util::SysError(errno, fmt::format("machine '{}' boots from '{}'", machine->name, path));
    }
  }
}

}  // namespace

Plan plan_define(const virt::Connection& connection, const model::Manifest& manifest,
                 std::optional<model::DomainType> domain_type, util::Reporter& reporter) {
  const Observed observed = observe(connection, manifest);
  if (observed.local) check_boot_files(manifest);
  PlanOptions options;
  options.domain_type = domain_type;
  if (!domain_type && needs_choice(manifest, observed)) options.automatic = choose_domain_type(connection, reporter);
  const ContainerHome home;
  for (const model::Document& document : manifest.documents) {
    const auto* machine = std::get_if<model::VirtualMachine>(&document.object);
    if (machine != nullptr && !observed.domains.contains(machine->name))
      check_no_container_is_named(home, machine->name);
  }
  Plan plan = make_plan(manifest, observed, options, plan_containers(home, manifest));
  check_no_machine_is_named(connection, plan);
  return plan;
}

}  // namespace vmtool::ops
