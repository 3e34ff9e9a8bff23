#pragma once
// What travels between vmtool, its helper program and the worker: JSON, one value a message.

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "identity/host_keys.hpp"
#include "identity/identity.hpp"
#include "util/error.hpp"

namespace vmtool::identity {

using Json = nlohmann::json;

/// What the helper program is asked to do.
struct Job {
  enum class Action { renew, show, restore };
  Action action = Action::renew;
  Request request;  ///< restore: only undo_file counts
};

Json to_json(const Job& job);
Json to_json(const Report& report);
Json to_json(const util::Error& error);
Json to_json(const std::vector<KeySpec>& specs);
Json to_json(const std::vector<HostKey>& keys);

/// Each throws Error{internal} where the JSON is not what the other side should have sent.
Job job_from(const Json& json);
Report report_from(const Json& json);
util::Error error_from(const Json& json);
std::vector<KeySpec> key_specs_from(const Json& json);
std::vector<HostKey> host_keys_from(const Json& json);

/// Reads text as JSON; throws Error{internal}.
Json parse(const std::string& text);

}  // namespace vmtool::identity
