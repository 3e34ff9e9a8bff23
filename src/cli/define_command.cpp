#include "cli/define_command.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/interrupt.hpp"
#include "cli/manifest_options.hpp"
#include "cli/output.hpp"
#include "cli/plan_text.hpp"
#include "ops/container_define.hpp"
#include "ops/define.hpp"
#include "ops/execute.hpp"
#include "util/error.hpp"

namespace vmtool::cli {
namespace {

struct DefineOptions {
  bool dry_run = false;
};

std::optional<model::DomainType> parse_type(const std::string& option) {
  const char* variable = std::getenv("VMTOOL_DOMAIN_TYPE");
  const std::string word = !option.empty() ? option : variable != nullptr ? variable : "";
  if (word.empty()) return std::nullopt;
  const auto type = model::from_text<model::DomainType>(word);
  if (!type)
    throw util::Error(util::Errc::usage, fmt::format("'{}' is no domain type", word))
        .hint("domain types are auto, kvm and qemu");
  return type == model::DomainType::automatic ? std::nullopt : type;
}

void show(const ops::Plan& plan, Tense tense, OutputFormat format) {
  if (format == OutputFormat::table) {
    fmt::print("{}", to_text(plan, tense));
    return;
  }
  if (format == OutputFormat::name) {
    for (const ops::Action& action : plan.actions) fmt::print("{}\n", action.name);
    return;
  }
  print_record(to_json(plan), format);
}

// A machine may have the name of a container that is to be made, which only libvirt knows.
ops::Plan plan_containers_alone(Session& session, const model::Manifest& manifest) {
  ops::Plan plan{ops::plan_containers(ops::ContainerHome(), manifest).actions};
  const bool makes = std::any_of(plan.actions.begin(), plan.actions.end(),
                                 [](const ops::Action& action) { return action.verb == ops::Verb::create; });
  if (const virt::Connection* connection = makes ? session.find_connection() : nullptr)
    ops::check_no_machine_is_named(*connection, plan);
  return plan;
}

}  // namespace

void set_up_define(Command& command, const std::function<void(const model::Manifest&)>& accepts,
                   const std::shared_ptr<std::string>& domain_type) {
  const auto files = ManifestOptions::add_to(command);
  const auto options = std::make_shared<DefineOptions>();
  command.flag("--dry-run", options->dry_run, "Print what would be done and change nothing");
  if (domain_type)
    command.option("--domain-type", "TYPE", *domain_type,
                   "Override domainType: auto, kvm or qemu (default: VMTOOL_DOMAIN_TYPE)");
  command.on([files, options, accepts, domain_type](Session& session) {
    const model::Manifest manifest = files->load();
    accepts(manifest);
    const auto type = domain_type ? parse_type(*domain_type) : std::nullopt;
    const bool needs_libvirt = ops::has_others(manifest);
    const ops::Plan plan = needs_libvirt ? ops::plan_define(session.connection(), manifest, type, session.reporter())
                                         : plan_containers_alone(session, manifest);
    if (options->dry_run) {
      show(plan, Tense::will, session.globals().output);
      return 0;
    }
    const InterruptGuard interrupt;
    ops::execute(plan, needs_libvirt ? &session.connection() : nullptr, session.reporter(),
                 [&](std::size_t) { interrupt.check(); });
    show(plan, Tense::done, session.globals().output);
    return 0;
  });
}

}  // namespace vmtool::cli
