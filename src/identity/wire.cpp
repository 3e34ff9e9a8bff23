#include "identity/wire.hpp"

#include <fmt/format.h>

#include "util/text.hpp"

namespace vmtool::identity {
namespace {

using util::Errc;
using util::Error;

template <class F>
auto reading(const char* what, F&& f) {
  try {
    return f();
  } catch (const nlohmann::json::exception& error) {
    throw Error(Errc::internal, fmt::format("{} is not what it should be: {}", what, error.what()));
  }
}

// Values may hold bytes of a hostile guest: everything that is not UTF-8 is shown escaped.
std::string text(const std::string& value) {
  return util::is_utf8(value) ? value : util::printable(value, value.size() * 4);
}

Json texts(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push_back(text(value));
  return out;
}

Errc errc_from(int value) {
  for (const Errc kind : {Errc::usage, Errc::invalid_input, Errc::not_found, Errc::conflict, Errc::unavailable,
                          Errc::denied, Errc::io, Errc::interrupted}) {
    if (static_cast<int>(kind) == value) return kind;
  }
  return Errc::internal;
}

Json options_json(const Options& options) {
  Json macs = Json::array();
  for (const MacChange& change : options.macs) macs.push_back({change.old_mac, change.new_mac});
  Json addresses = Json::array();
  for (const AddressChange& change : options.addresses) addresses.push_back({change.old_address, change.new_address});
  return {{"machineId", options.machine_id},
          {"uuid", options.uuid},
          {"hostname", options.hostname},
          {"macs", macs},
          {"addresses", addresses},
          {"keep", options.keep},
          {"only", options.only},
          {"clean", options.clean}};
}

Options options_from(const Json& json) {
  Options options;
  options.machine_id = json.at("machineId").get<std::string>();
  options.uuid = json.at("uuid").get<std::string>();
  options.hostname = json.at("hostname").get<std::string>();
  for (const Json& pair : json.at("macs"))
    options.macs.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
  for (const Json& pair : json.at("addresses"))
    options.addresses.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
  options.keep = json.at("keep").get<std::vector<std::string>>();
  options.only = json.at("only").get<std::vector<std::string>>();
  options.clean = json.at("clean").get<std::vector<std::string>>();
  return options;
}

Json target_json(const Target& target) {
  Json disks = Json::array();
  for (const Disk& disk : target.disks) {
    Json chain = Json::array();
    for (const Image& image : disk.chain) chain.push_back({{"path", image.path.native()}, {"format", image.format}});
    disks.push_back(chain);
  }
  return {{"disks", disks},
          {"directory", target.directory.native()},
          {"rootDisk", target.root_disk},
          {"rootPartition", target.root_partition},
          {"way", static_cast<int>(target.way)}};
}

Target target_from(const Json& json) {
  Target target;
  for (const Json& chain : json.at("disks")) {
    target.disks.emplace_back();
    for (const Json& image : chain)
      target.disks.back().chain.push_back({image.at("path").get<std::string>(), image.at("format").get<std::string>()});
  }
  target.directory = json.at("directory").get<std::string>();
  target.root_disk = json.at("rootDisk").get<int>();
  target.root_partition = json.at("rootPartition").get<int>();
  const int way = json.at("way").get<int>();
  target.way = way == 1 ? Way::offline : way == 2 ? Way::appliance : Way::automatic;
  return target;
}

}  // namespace

Json to_json(const Job& job) {
  return {{"action", static_cast<int>(job.action)},
          {"target", target_json(job.request.target)},
          {"options", options_json(job.request.options)},
          {"undoFile", job.request.undo_file.native()}};
}

Job job_from(const Json& json) {
  return reading("the request", [&] {
    Job job;
    const int action = json.at("action").get<int>();
    job.action = action == 0 ? Job::Action::renew : action == 1 ? Job::Action::show : Job::Action::restore;
    job.request.target = target_from(json.at("target"));
    job.request.options = options_from(json.at("options"));
    job.request.undo_file = json.at("undoFile").get<std::string>();
    return job;
  });
}

Json to_json(const Report& report) {
  Json outcomes = Json::array();
  for (const Outcome& one : report.outcomes) {
    outcomes.push_back({{"item", one.item},
                        {"path", text(one.path)},
                        {"status", static_cast<int>(one.status)},
                        {"old", text(one.old_value)},
                        {"new", text(one.new_value)},
                        {"reason", text(one.reason)}});
  }
  return {{"outcomes", outcomes},
          {"warnings", texts(report.warnings)},
          {"notHandled", texts(report.not_handled)},
          {"hostPublicKeys", texts(report.host_public_keys)},
          {"machineId", report.machine_id}};
}

Report report_from(const Json& json) {
  return reading("the report", [&] {
    Report report;
    for (const Json& one : json.at("outcomes")) {
      const int status = one.at("status").get<int>();
      if (status < 0 || status > static_cast<int>(Status::not_possible))
        throw Error(Errc::internal, "the report has an unknown status");
      report.outcomes.push_back({one.at("item").get<std::string>(), one.at("path").get<std::string>(),
                                 static_cast<Status>(status), one.at("old").get<std::string>(),
                                 one.at("new").get<std::string>(), one.at("reason").get<std::string>()});
    }
    report.warnings = json.at("warnings").get<std::vector<std::string>>();
    report.not_handled = json.at("notHandled").get<std::vector<std::string>>();
    report.host_public_keys = json.at("hostPublicKeys").get<std::vector<std::string>>();
    report.machine_id = json.at("machineId").get<std::string>();
    return report;
  });
}

Json to_json(const util::Error& error) {
  return {{"kind", error.exit_code()},
          {"message", text(error.message())},
          {"steps", texts(error.steps())},
          {"hint", text(error.hint())}};
}

util::Error error_from(const Json& json) {
  return reading("the error", [&] {
    Error error(errc_from(json.at("kind").get<int>()), json.at("message").get<std::string>());
    for (const Json& step : json.at("steps")) error.add_step(step.get<std::string>());
    error.hint(json.at("hint").get<std::string>());
    return error;
  });
}

Json to_json(const std::vector<KeySpec>& specs) {
  Json out = Json::array();
  for (const KeySpec& spec : specs) out.push_back({spec.type, spec.bits});
  return out;
}

std::vector<KeySpec> key_specs_from(const Json& json) {
  return reading("the list of keys", [&] {
    std::vector<KeySpec> specs;
    for (const Json& pair : json) specs.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::uint32_t>()});
    return specs;
  });
}

Json to_json(const std::vector<HostKey>& keys) {
  Json out = Json::array();
  for (const HostKey& key : keys) out.push_back({key.spec.type, key.spec.bits, key.private_key, key.public_key});
  return out;
}

std::vector<HostKey> host_keys_from(const Json& json) {
  return reading("the list of keys", [&] {
    std::vector<HostKey> keys;
    for (const Json& one : json) {
      keys.push_back({{one.at(0).get<std::string>(), one.at(1).get<std::uint32_t>()},
                      one.at(2).get<std::string>(),
                      one.at(3).get<std::string>()});
    }
    return keys;
  });
}

Json parse(const std::string& text) {
  return reading("the message", [&] { return Json::parse(text); });
}

}  // namespace vmtool::identity
