#include "ops/execute.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include <fmt/format.h>

#include "ops/execute_storage.hpp"
#include "ops/observe.hpp"
#include "ops/reservations.hpp"
#include "util/error.hpp"
#include "util/parallel.hpp"
#include "util/undo.hpp"

namespace vmtool::ops {
namespace {

// RPCs of one connection run in parallel in the daemon; more threads than this gain nothing.
constexpr std::size_t rpc_threads = 4;

// One run of a plan. Machines are worked on by several threads: what they share is behind the mutex.
class Run {
 public:
  Run(const virt::Connection& connection, util::Reporter& reporter, const BeforeStep& before_step)
      : connection_(connection), reporter_(reporter), before_step_(before_step), undo_([&reporter](const std::string& what, const std::string& why) {
          reporter.warn(fmt::format("could not undo: {}: {}", what, why));
        }) {}

  void run(const Action& action) {
    util::during(fmt::format("working on {} '{}'", action.kind, action.name), [&] {
      for (const Step& step : action.steps) {
        if (before_step_) before_step_(next_step_++);
        std::visit([&](const auto& detail) { run_step(detail); }, step);
      }
    });
  }

  void commit() { undo_.commit(); }

 private:
  void add_undo(std::string what, std::function<void()> reverse) {
    const std::lock_guard lock(mutex_);
    undo_.add(std::move(what), std::move(reverse));
  }

  void run_step(const DefinePool& step) {
    define_pool(connection_, step.pool);
    add_undo(fmt::format("remove pool '{}'", step.pool.name), [this, step] { remove_pool(connection_, step.pool.name); });
  }

  void run_step(const StartPool& step) {
    start_pool(connection_, step.pool);
    add_undo(fmt::format("stop pool '{}'", step.pool), [this, step] { pool_or_throw(connection_, step.pool).destroy(); });
  }

  void run_step(const ImportImage& step) {
    import_image(connection_, step, reporter_);
    add_volume_undo(step.image.pool, step.image.name);
  }

  void run_step(const CreateVolume& step) {
    create_volume(connection_, step, reporter_);
    add_volume_undo(step.volume.pool, step.volume.name);
  }

  void run_step(const GrowVolume& step) { grow_volume(connection_, step); }

  void run_step(const DefineNetwork& step) {
    const virt::Network network = connection_.define_network(step.xml, virt::Connection::Validate::no);
    if (step.old_xml.empty()) {
      add_undo(fmt::format("remove network '{}'", step.network.name), [network] { network.undefine(); });
    } else {
      add_undo(fmt::format("restore network '{}'", step.network.name), [this, step] { connection_.define_network(step.old_xml); });
    }
  }

  void run_step(const UpdateHost& step) {
    const virt::Network network = network_or_throw(connection_, step.network);
    for (const std::string& old : step.old_xml) update_host(network, step.kind, virt::Network::Update::remove, old);
    update_host(network, step.kind, virt::Network::Update::add, step.xml);
  }

  // Each its own undo, since one of several may fail.
  void update_host(const virt::Network& network, UpdateHost::Kind kind, virt::Network::Update what, const std::string& xml) {
    using Network = virt::Network;
    const auto section = kind == UpdateHost::Kind::dhcp ? Network::Section::dhcp_host : Network::Section::dns_host;
    const auto reverse = what == Network::Update::add ? Network::Update::remove : Network::Update::add;
    network.update(section, what, xml, Network::Scope::live);
    add_undo(fmt::format("restore the hosts of network '{}'", network.name()),
             [network, section, reverse, xml] { network.update(section, reverse, xml, Network::Scope::live); });
  }

  void run_step(const Reserve& step) {
    add_reservation(connection_, step.network, step.host);
    add_undo(fmt::format("release {}", model::to_text(step.host.address)),
             [this, step] { remove_reservation(connection_, step.network, step.host); });
  }

  void run_step(const DefineMachine& step) {
    const auto validate = step.validate ? virt::Connection::Validate::yes : virt::Connection::Validate::no;
    const virt::Domain domain = connection_.define_domain(step.xml, validate);
    if (step.old_xml.empty()) {
      add_undo(fmt::format("remove machine '{}'", step.machine), [domain] { domain.undefine(); });
    } else {
      add_undo(fmt::format("restore machine '{}'", step.machine), [this, step] { connection_.define_domain(step.old_xml); });
    }
  }

  void run_step(const SetAutostart& step) {
    set_autostart(step, step.on);
    add_undo(fmt::format("restore autostart of '{}'", step.name), [this, step] { set_autostart(step, !step.on); });
  }

  void set_autostart(const SetAutostart& step, bool on) {
    if (step.network) {
      if (const auto network = connection_.find_network(step.name)) network->set_autostart(on);
    } else if (const auto domain = connection_.find_domain(step.name)) {
      domain->set_autostart(on);
    }
  }

  void add_volume_undo(const std::string& pool, const std::string& name) {
    add_undo(fmt::format("remove volume '{}'", name), [this, pool, name] {
      if (const auto volume = pool_or_throw(connection_, pool).find_volume(name)) volume->remove();
    });
  }

  const virt::Connection& connection_;
  util::Reporter& reporter_;
  const BeforeStep& before_step_;
  std::atomic<std::size_t> next_step_{0};
  std::mutex mutex_;
  util::Undo undo_;
};

}  // namespace

void execute(const Plan& plan, const virt::Connection& connection, util::Reporter& reporter, const BeforeStep& before_step) {
  Run run(connection, reporter, before_step);
  const auto first_machine = std::find_if(plan.actions.begin(), plan.actions.end(), [](const Action& action) { return action.kind == "VirtualMachine"; });
  std::for_each(plan.actions.begin(), first_machine, [&](const Action& action) { run.run(action); });
  const auto machines = static_cast<std::size_t>(plan.actions.end() - first_machine);
  util::parallel_for(machines, rpc_threads, [&](std::size_t i) { run.run(*(first_machine + static_cast<std::ptrdiff_t>(i))); });
  run.commit();
}

void execute(const Plan& plan, const virt::Connection& connection, util::Reporter& reporter) { execute(plan, connection, reporter, {}); }

}  // namespace vmtool::ops
