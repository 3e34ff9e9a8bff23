#include <fmt/format.h>

#include "cli/clone_text.hpp"
#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "cli/interrupt.hpp"
#include "ops/clone.hpp"
#include "ops/container_change.hpp"
#include "ops/container_define.hpp"
#include "ops/state_dir.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

using util::Errc;
using util::Error;

constexpr std::uint64_t most_clones = 1000;

struct CloneOptions {
  std::string source;
  std::string name;
  std::string count;
  std::string mode = "auto";
  bool flatten = false;
  bool live = false;
  std::string snapshot;
  bool copy_tpm = false;
  std::string identity = "auto";
  std::string machine_id = "random";
  std::string hostname;
  std::vector<std::string> addresses;
  std::vector<std::string> keep;
  std::vector<std::string> only;
  std::vector<std::string> clean;
  bool dry_run = false;
};

ops::CloneMode parse_mode(const std::string& word) {
  for (const auto mode :
       {ops::CloneMode::automatic, ops::CloneMode::full, ops::CloneMode::linked, ops::CloneMode::reflink}) {
    if (word == ops::to_text(mode)) return mode;
  }
  throw Error(Errc::usage, fmt::format("--mode: '{}' is no mode", util::printable(word)))
      .hint("modes are auto, full, linked and reflink");
}

ops::IdentityWay parse_identity(const std::string& word) {
  if (word == "auto") return ops::IdentityWay::automatic;
  if (word == "offline") return ops::IdentityWay::offline;
  if (word == "appliance") return ops::IdentityWay::appliance;
  if (word == "none") return ops::IdentityWay::none;
  throw Error(Errc::usage, fmt::format("--identity: '{}' is no way", util::printable(word)))
      .hint("ways are auto, offline, appliance and none");
}

// "NEW", or "OLD=NEW" where the source has several.
ops::CloneAddress parse_address(const std::string& word) {
  const std::size_t equals = word.find('=');
  const auto to = model::parse_ip(equals == word.npos ? word : word.substr(equals + 1));
  const auto from = equals == word.npos ? std::nullopt : model::parse_ip(word.substr(0, equals));
  if (!to || (equals != word.npos && !from)) {
    throw Error(Errc::usage, fmt::format("--address: '{}' is no address", util::printable(word)))
        .hint("write NEW, or OLD=NEW where the source has several");
  }
  return {from, *to};
}

std::vector<std::string> names_of(const CloneOptions& options) {
  if (options.count.empty()) return {options.name};
  const auto count = util::parse_decimal(options.count, most_clones);
  if (!count || *count == 0)
    throw Error(Errc::usage,
                fmt::format("--count: '{}' is no number from 1 to {}", util::printable(options.count), most_clones));
  if (!options.hostname.empty() && *count > 1)
    throw Error(Errc::usage, "--hostname: several clones can't have one host name")
        .hint("without it each is called as the machine");
  std::vector<std::string> names;
  for (std::uint64_t i = 1; i <= *count; ++i) names.push_back(fmt::format("{}-{}", options.name, i));
  return names;
}

ops::CloneOptions parse(const CloneOptions& options) {
  ops::CloneOptions parsed;
  parsed.source = options.source;
  parsed.names = names_of(options);
  parsed.mode = parse_mode(options.mode);
  parsed.flatten = options.flatten;
  parsed.live = options.live;
  parsed.snapshot = options.snapshot;
  parsed.copy_tpm = options.copy_tpm;
  parsed.identity_way = parse_identity(options.identity);
  parsed.machine_id = options.machine_id;
  parsed.hostname = options.hostname;
  parsed.keep = options.keep;
  parsed.only = options.only;
  parsed.clean = options.clean;
  for (const std::string& word : options.addresses) parsed.addresses.push_back(parse_address(word));
  const bool is_copy = parsed.mode == ops::CloneMode::full || parsed.mode == ops::CloneMode::automatic;
  if (parsed.flatten && !is_copy)
    throw Error(Errc::usage, "--flatten makes full copies: it does not go with --mode linked or reflink");
  if (parsed.live && !parsed.snapshot.empty())
    throw Error(Errc::usage, "--live is the machine as it runs, --snapshot as it was: use one of them");
  if (!is_copy && (parsed.live || !parsed.snapshot.empty()))
    throw Error(Errc::usage, fmt::format("{} makes full copies: it does not go with --mode {}",
                                         parsed.live ? "--live" : "--snapshot", options.mode));
  return parsed;
}

void show(Session& session, const std::vector<ops::CloneReport>& reports) {
  const OutputFormat format = session.globals().output;
  if (format == OutputFormat::table) {
    for (const ops::CloneReport& report : reports) {
      fmt::print("{}", to_text(report));
      for (const std::string& warning : report.warnings) session.reporter().warn(warning);
      if (!report.identity) continue;
      for (const std::string& warning : report.identity->warnings) session.reporter().warn(warning);
    }
    return;
  }
  if (format == OutputFormat::name) {
    for (const ops::CloneReport& report : reports) fmt::print("{}\n", report.name);
    return;
  }
  Json record{{"clones", Json::array()}};
  for (const ops::CloneReport& report : reports) record["clones"].push_back(to_json(report));
  print_record(record, format);
}

void run(Session& session, const ops::CloneOptions& options) {
  const InterruptGuard interrupt;
  ops::CloneHooks hooks;
  hooks.state_dir = ops::state_dir();
  hooks.interrupt = [&] { interrupt.check(); };
  hooks.observer = [&](const std::string&) { interrupt.check(); };
  std::vector<ops::CloneReport> reports;
  try {
    reports = ops::clone(session.connection(), options, session.reporter(), hooks);
  } catch (const Error&) {
    // Ctrl-C reaches our helper programs too: their end is not the cause.
    interrupt.check();
    throw;
  }
  show(session, reports);
}

// Of the options, the names alone matter: a container's upper layer is always copied.
int clone_containers(Session& session, const ops::CloneOptions& options, bool dry_run) {
  const ops::ContainerHome home;
  const virt::Connection* const connection = session.find_connection();
  if (connection != nullptr) {
    for (const std::string& name : options.names) ops::check_no_machine_is_named(*connection, name);
  }
  for (const std::string& name : options.names) {
    if (!dry_run) ops::clone_container(home, options.source, name, session.reporter());
    session.say(fmt::format("{} '{}'", dry_run ? "would clone" : "cloned", name));
  }
  return 0;
}

}  // namespace

void add_clone(Grammar& grammar) {
  Command command = grammar.command(
      "clone", "Clone a machine or container: nothing that identifies it is shared, the machine-id inside included");
  const auto options = std::make_shared<CloneOptions>();
  command.argument("SOURCE", options->source, "The machine or container to clone");
  command.argument("NAME", options->name, "The clone's name");
  command.option("--mode", "MODE", options->mode,
                 "How disks are cloned: auto, full, linked or reflink (default: auto, which never changes the source)");
  command.flag("--flatten", options->flatten, "Full copies without backing files");
  command.flag("--live", options->live, "Clone a machine that runs, as it is at one moment");
  command.option("--snapshot", "NAME", options->snapshot, "Clone the disks as they are in this internal snapshot");
  command.option("--count", "N", options->count, "Make N clones, NAME-1 to NAME-N, all or none");
  command.option("--identity", "WAY", options->identity,
                 "How the identity inside is renewed: auto, offline, appliance or none (default: auto)");
  command.repeatable("--keep", "ITEM", options->keep, "Leave an item of the identity inside as it is; may be repeated");
  command.repeatable("--only", "ITEM", options->only, "Renew only this item inside; may be repeated");
  command.repeatable("--clean", "ITEM", options->clean, "Also empty what is kept by default: logs, histories");
  command.option("--machine-id", "ID", options->machine_id,
                 "random, empty, uninitialized, uuid, or 32 hexadecimal digits (default: random)");
  command.option("--hostname", "NAME", options->hostname, "The host name inside (default: the clone's name)");
  command.repeatable("--address", "[OLD=]NEW", options->addresses,
                     "The fixed address in place of the source's; several clones count up from it");
  command.flag("--copy-tpm", options->copy_tpm, "Copy the TPM's state, keys included, instead of a fresh one");
  command.flag("--dry-run", options->dry_run, "Print what would be done and change nothing");
  command.on([options](Session& session) {
    const ops::CloneOptions parsed = parse(*options);
    if (is_container(options->source)) return clone_containers(session, parsed, options->dry_run);
    for (const std::string& name : parsed.names) ops::check_no_container_is_named(ops::ContainerHome(), name);
    if (options->dry_run) show(session, ops::preview_clone(session.connection(), parsed));
    else run(session, parsed);
    return 0;
  });
}

}  // namespace vmtool::cli
