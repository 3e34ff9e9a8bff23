#include "ops/execute.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "ops/container_define.hpp"
#include "ops/execute_storage.hpp"
#include "ops/observe.hpp"
#include "ops/reservations.hpp"
#include "ops/state_dir.hpp"
#include "ops/transaction.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

std::size_t steps_of(const Plan& plan) {
  std::size_t count = 0;
  for (const Action& action : plan.actions) count += action.steps.size();
  return count;
}

constexpr const char* operation_name = "define";

// What a killed run left half-made looks whole from outside: a volume whose image was still on its way, a network without its hosts.
void refuse_leftovers(const std::string& uri) {
  for (const LeftJournal& left : find_journals(state_dir()).left) {
    const Operation& operation = left.text.operation;
    if (operation.name != operation_name || operation.uri != uri) continue;
    throw util::Error(util::Errc::conflict,
                      fmt::format("a define of '{}' was killed before its end", operation.subject))
        .hint("vmtool recover takes back what it left");
  }
}

// One run of a plan. Machines are worked on by several threads.
class PlanRun {
 public:
  PlanRun(const Plan& plan, const virt::Connection* connection, util::Reporter& reporter, const BeforeStep& before_step)
      : connection_pointer_(connection), reporter_(reporter), before_step_(before_step) {
    const Operation operation{operation_name, plan.actions.back().name, connection != nullptr ? connection->uri() : ""};
    refuse_leftovers(operation.uri);
    // A single step of libvirt's, or of a container, is done or not done: nothing has to be written down.
    if (steps_of(plan) <= 1) return;
    if (connection != nullptr) transaction_.emplace(*connection, reporter, state_dir(), operation);
    else transaction_.emplace(reporter, state_dir(), operation);
  }

  void run(const Action& action) {
    util::during(fmt::format("working on {} '{}'", action.kind, action.name), [&] {
      for (const Step& step : action.steps) {
        if (before_step_) before_step_(next_step_++);
        std::visit([&](const auto& detail) { run_step(detail); }, step);
      }
    });
  }

  // Machines and containers that stand on nothing new are written down in one go, since each write to stable storage costs as much as a
  // define.
  void announce_guests(const Plan& plan) {
    if (!transaction_) return;
    std::vector<Record> records;
    for (const Action& action : plan.actions) {
      if (action.steps.empty()) continue;
      if (const auto* container = std::get_if<DefineContainer>(&action.steps.front());
          container != nullptr && container->old_config.empty()) {
        records.push_back(record_of(*container));
        announced_.insert(container->container);
      }
      const auto* machine = std::get_if<DefineMachine>(&action.steps.front());
      if (machine == nullptr || !machine->old_xml.empty()) continue;
      records.push_back(record_of(*machine));
      announced_.insert(machine->machine);
    }
    if (!records.empty()) transaction_->announce_ahead(records);
  }

  void commit() {
    if (transaction_) transaction_->commit();
    for (const std::string& path : removed_) {
      if (const auto volume = connection().find_volume_by_path(path)) volume->remove();
    }
  }

 private:
  template <class F>
  void step(const Record& record, const F& f) {
    if (transaction_) transaction_->step(record, f);
    else f();
  }

  static Record record_of(const DefineMachine& machine) {
    const std::string uuid = util::to_text(machine.uuid);
    if (machine.old_xml.empty()) return MadeDomain{machine.machine, uuid};
    return ReplacedDomain{machine.machine, uuid, machine.old_xml};
  }

  // Its subject may be a container, so that no step asks for a connection that is not there.
  const virt::Connection& connection() const {
    if (connection_pointer_ == nullptr)
      throw util::Error(util::Errc::internal, "a plan without a connection has a step of libvirt's");
    return *connection_pointer_;
  }

  Record record_of(const DefineContainer& container) const {
    const std::string path = home_.paths(container.container).bundle;
    if (container.old_config.empty()) return MadeContainer{container.container, path, container.uuid};
    return ReplacedContainer{container.container, path, container.old_config, container.old_manifest,
                             container.old_limits};
  }

  void run_step(const DefineContainer& container) {
    const auto define = [&] { define_container(home_, container, reporter_); };
    if (announced_.contains(container.container)) define();
    else step(record_of(container), define);
  }

  MadeVolume made_volume(const std::string& pool, const std::string& name) const {
    return {pool, name, fmt::format("{}/{}", xml::read_pool(pool_or_throw(connection(), pool).xml()).path, name)};
  }

  void run_step(const DefinePool& pool) {
    step(MadePool{pool.pool.name}, [&] { define_pool(connection(), pool.pool); });
  }

  void run_step(const StartPool& pool) {
    step(StartedPool{pool.pool}, [&] { start_pool(connection(), pool.pool); });
  }

  void run_step(const ImportImage& image) {
    step(made_volume(image.image.pool, image.image.name), [&] { import_image(connection(), image, reporter_); });
  }

  void run_step(const CreateSeed& seed) {
    step(made_volume(seed.pool, seed.volume), [&] { create_seed(connection(), seed); });
  }

  // Kept until the rest is done: an undo brings back the definition that names it.
  void run_step(const RemoveVolume& volume) {
    const std::lock_guard lock(mutex_);
    removed_.push_back(volume.path);
  }

  void run_step(const CreateVolume& volume) {
    step(made_volume(volume.volume.pool, volume.volume.name), [&] { create_volume(connection(), volume, reporter_); });
  }

  void run_step(const GrowVolume& volume) { grow_volume(connection(), volume); }

  void run_step(const DefineNetwork& network) {
    const std::string& name = network.network.name;
    const Record record =
        network.old_xml.empty() ? Record(MadeNetwork{name}) : Record(ReplacedNetwork{name, network.old_xml});
    step(record, [&] { connection().define_network(network.xml, virt::Connection::Validate::no); });
  }

  void run_step(const UpdateHost& host) {
    const virt::Network network = network_or_throw(connection(), host.network);
    for (const std::string& old : host.old_xml) update_host(network, host.kind, virt::Network::Update::remove, old);
    update_host(network, host.kind, virt::Network::Update::add, host.xml);
  }

  void update_host(const virt::Network& network, UpdateHost::Kind kind, virt::Network::Update what,
                   const std::string& xml) {
    using Network = virt::Network;
    const bool is_dhcp = kind == UpdateHost::Kind::dhcp;
    step(ChangedHost{network.name(), is_dhcp ? "dhcp" : "dns", what == Network::Update::add, xml}, [&] {
      network.update(is_dhcp ? Network::Section::dhcp_host : Network::Section::dns_host, what, xml,
                     Network::Scope::live);
    });
  }

  void run_step(const Reserve& reserve) {
    step(MadeReservation{reserve.network, reserve.host},
         [&] { add_reservation(connection(), reserve.network, reserve.host); });
  }

  void run_step(const DefineMachine& machine) {
    const auto validate = machine.validate ? virt::Connection::Validate::yes : virt::Connection::Validate::no;
    const auto define = [&] { connection().define_domain(machine.xml, validate); };
    if (announced_.contains(machine.machine)) define();
    else step(record_of(machine), define);
  }

  void run_step(const SetAutostart& autostart) {
    step(ChangedAutostart{autostart.network ? "network" : "domain", autostart.name, !autostart.on}, [&] {
      if (autostart.network) network_or_throw(connection(), autostart.name).set_autostart(autostart.on);
      else domain_or_throw(connection(), autostart.name).set_autostart(autostart.on);
    });
  }

  const virt::Connection* connection_pointer_;
  util::Reporter& reporter_;
  const BeforeStep& before_step_;
  std::atomic<std::size_t> next_step_{0};
  std::optional<Transaction> transaction_;
  std::set<std::string> announced_;
  std::mutex mutex_;
  std::vector<std::string> removed_;
  ContainerHome home_;
};

}  // namespace

void execute(const Plan& plan, const virt::Connection* connection, util::Reporter& reporter,
             const BeforeStep& before_step) {
  if (plan.actions.empty()) return;
  PlanRun run(plan, connection, reporter, before_step);
  const auto first_machine = std::find_if(plan.actions.begin(), plan.actions.end(),
                                          [](const Action& action) { return action.kind == "VirtualMachine"; });
  const auto first_guest = std::find_if(plan.actions.begin(), first_machine,
                                        [](const Action& action) { return action.kind == "Container"; });
  std::for_each(plan.actions.begin(), first_guest, [&](const Action& action) { run.run(action); });
  run.announce_guests(plan);
  std::for_each(first_guest, first_machine, [&](const Action& action) { run.run(action); });
  const auto machines = static_cast<std::size_t>(plan.actions.end() - first_machine);
  util::parallel_for(machines, virt::rpc_threads,
                     [&](std::size_t i) { run.run(*(first_machine + static_cast<std::ptrdiff_t>(i))); });
  run.commit();
}

void execute(const Plan& plan, const virt::Connection& connection, util::Reporter& reporter,
             const BeforeStep& before_step) {
  execute(plan, &connection, reporter, before_step);
}

void execute(const Plan& plan, const virt::Connection& connection, util::Reporter& reporter) {
  execute(plan, &connection, reporter, {});
}

}  // namespace vmtool::ops
