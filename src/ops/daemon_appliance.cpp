#include "ops/daemon_appliance.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include <fmt/format.h>

#include "identity/appliance_line.hpp"
#include "ops/execute_storage.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/text.hpp"
#include "util/undo.hpp"
#include "util/uuid.hpp"
#include "xml/appliance.hpp"
#include "xml/storage.hpp"

namespace vmtool::ops {
namespace {

using util::Errc;
using util::Error;

constexpr auto short_nap = std::chrono::milliseconds(5);
constexpr auto long_nap = std::chrono::milliseconds(50);
constexpr auto longest_power_off = std::chrono::seconds(30);
constexpr std::size_t longest_words = 600;

class DomainLine final : public identity::ApplianceLine {
 public:
  DomainLine(const virt::Domain& domain, const std::function<void()>& interrupt)
      : channel_(domain.open_channel(identity::appliance_port_name())),
        console_(domain.open_console(virt::Domain::Console::safe)),
        interrupt_(interrupt) {}

  std::size_t say(const std::string& bytes) override { return channel_.say(bytes); }

  std::optional<std::string> hear() override {
    if (interrupt_) interrupt_();
    // Read in any case: what nobody takes would pile up.
    words_ += console_.hear().text;
    if (words_.size() > longest_words) words_.erase(0, words_.size() - longest_words);
    virt::GuestLine::Heard heard = channel_.hear();
    if (!heard.text.empty()) {
      nap_ = short_nap;
      return std::move(heard.text);
    }
    if (heard.ended) return std::nullopt;
    std::this_thread::sleep_for(nap_);
    nap_ = std::min(nap_ + short_nap, long_nap);
    return std::string();
  }

  /// What its kernel wrote last.
  std::string last_words() const { return util::printable(util::trim(words_), longest_words); }

 private:
  virt::GuestLine channel_;
  virt::GuestLine console_;
  const std::function<void()>& interrupt_;
  std::chrono::milliseconds nap_ = short_nap;
  std::string words_;
};

void wait_for_its_end(const virt::Connection& connection, const std::string& name) {
  const auto end = std::chrono::steady_clock::now() + longest_power_off;
  while (connection.find_domain(name)) {
    if (std::chrono::steady_clock::now() > end) throw Error(Errc::io, "the appliance does not power off");
    std::this_thread::sleep_for(short_nap);
  }
}

// With what its kernel said, where it gave no answer of its own.
identity::Report talk(const virt::Domain& domain, const std::function<void()>& interrupt,
                      const std::function<identity::Report(identity::ApplianceLine&)>& job) {
  DomainLine line(domain, interrupt);
  domain.resume();
  try {
    return job(line);
  } catch (Error& error) {
    const std::string words = line.last_words();
    if (!words.empty() && (error.kind() == Errc::io || error.kind() == Errc::unavailable))
      error.add_step(fmt::format("in the appliance, whose last words were: {}", words));
    throw;
  }
}

}  // namespace

ApplianceKit prepare_appliance(const virt::Connection& connection, const std::string& pool) {
  if (pool.empty())
    throw Error(Errc::unavailable,
                "the disks lie in no storage pool, so that there is no place for the appliance's kernel beside them")
        .hint("make their folder a pool");
  pool_or_throw(connection, pool);
  return {pool, identity::make_appliance_boot(identity::all_appliance_filesystems())};
}

DaemonAppliance::DaemonAppliance(const virt::Connection& connection, ApplianceKit kit, Transaction& transaction,
                                 std::function<void()> interrupt, std::chrono::milliseconds limit)
    : connection_(connection),
      kit_(std::move(kit)),
      transaction_(transaction),
      interrupt_(std::move(interrupt)),
      limit_(limit) {
  const std::string folder = xml::read_pool(pool_or_throw(connection_, kit_.pool).xml()).path;
  const std::string name = "vmtool-appliance-" + util::to_text(util::random_uuid()).substr(0, 8);
  const auto volume = [&](const char* what) {
    return MadeVolume{kit_.pool, fmt::format("{}.{}", name, what), fmt::format("{}/{}.{}", folder, name, what)};
  };
  kernel_ = volume("kernel");
  initramfs_ = volume("initramfs");
}

identity::Report DaemonAppliance::renew(const identity::Target& target, const identity::Options& options) {
  return run(target, options, Work::renew);
}

identity::Report DaemonAppliance::show(const identity::Target& target, const identity::Options& options) {
  return run(target, options, Work::show);
}

void DaemonAppliance::upload(const MadeVolume& volume, int descriptor) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) throw util::SysError(errno, "measuring what the appliance is booted from");
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  transaction_.step(volume, [&] {
    const virt::Volume made =
        pool_or_throw(connection_, volume.pool)
            .create_volume(xml::write_appliance_volume(volume.name, size), virt::Pool::Metadata::sparse);
    made.upload(descriptor, size, [&](std::uint64_t, std::uint64_t) {
      if (interrupt_) interrupt_();
    });
  });
}

void DaemonAppliance::upload_once() {
  const std::lock_guard lock(mutex_);
  if (is_uploaded_) return;
  upload(kernel_, util::open_file(kit_.boot.kernel, O_RDONLY).get());
  upload(initramfs_, kit_.boot.initramfs.get());
  is_uploaded_ = true;
}

void DaemonAppliance::remove_volumes() {
  if (!is_uploaded_) return;
  const virt::Pool pool = pool_or_throw(connection_, kit_.pool);
  for (const MadeVolume& made : {initramfs_, kernel_}) {
    if (const auto volume = pool.find_volume(made.name)) volume->remove();
  }
  transaction_.check_point("after the appliance");
}

std::string DaemonAppliance::domain_xml(const BootedAppliance& record, const identity::Target& target,
                                        Work work) const {
  xml::ApplianceDomain domain;
  domain.name = record.name;
  domain.uuid = record.uuid;
  domain.kernel = kernel_.path;
  domain.initramfs = initramfs_.path;
  domain.command_line = kit_.boot.command_line;
  domain.port = identity::appliance_port_name();
  domain.read_only = work == Work::show;
  for (const identity::Disk& disk : target.disks) {
    xml::ApplianceDisk& own = domain.disks.emplace_back();
    own.serial = identity::appliance_disk_serial(domain.disks.size() - 1);
    for (const identity::Image& image : disk.chain) own.chain.emplace_back(image.path.native(), image.format);
  }
  return xml::write_appliance(domain);
}

identity::Report DaemonAppliance::run(const identity::Target& target, const identity::Options& options, Work work) {
  upload_once();
  const std::string uuid = util::to_text(util::random_uuid());
  const BootedAppliance record{"vmtool-appliance-" + uuid.substr(0, 8), uuid};
  identity::Report report;
  transaction_.step(record, [&] {
    const virt::Domain domain = connection_.start_transient(domain_xml(record, target, work));
    util::Undo stop(nullptr);
    stop.add("stop the appliance", [&] { domain.destroy(); });
    report = talk(domain, interrupt_, [&](identity::ApplianceLine& line) {
      return work == Work::renew ? identity::renew_over(line, target, options, limit_)
                                 : identity::show_over(line, target, options, limit_);
    });
    // Its line is cut now, and that tells it to power off.
    wait_for_its_end(connection_, record.name);
    stop.commit();
  });
  return report;
}

}  // namespace vmtool::ops
