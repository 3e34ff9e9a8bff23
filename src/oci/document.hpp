#pragma once
// The JSON that the program writes: state, features, a new config.json, events.

#include <string>

#include "isolation/container.hpp"

namespace vmtool::oci {

/// The version of the runtime-spec that is spoken.
constexpr const char* spec_version = "1.1.0";

/// The OCI state of a container. `annotations_of` is its config.json.
std::string state_json(const isolation::State& state, const char* status, int pid, const std::string& config);

/// The features document (features.md of the runtime-spec).
std::string features_json();

/// A config.json to start from; with a user namespace for `rootless`.
std::string example_config(bool rootless);

/// One line of `events`: usage of memory, CPU and processes, and out-of-memory kills.
std::string stats_json(const isolation::Container& container);

/// `list --format json` and `ps --format json`.
struct ListItem {
  isolation::State state{};
  const char* status = "";
};
std::string list_json(const std::vector<ListItem>& items);
std::string pids_json(const std::vector<int>& pids);

/// {"level":"error","msg":…,"time":…}: one line of the log.
std::string log_line(const std::string& message);
/// {"error":{"kind","message","steps","hint"}} without the frame: message, then steps, in one line.
std::string one_line(const util::Error& error);

}  // namespace vmtool::oci
