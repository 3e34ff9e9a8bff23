#pragma once
// The readers of the parts of a config.json.

#include "isolation/spec.hpp"
#include "oci/json_reader.hpp"

namespace vmtool::oci {

isolation::Process read_process(const JsonReader& process);
isolation::Resources read_resources(const JsonReader& resources);
isolation::SeccompProfile read_seccomp(const JsonReader& seccomp);
std::vector<isolation::Interface> read_interfaces(const JsonReader& list);
std::vector<isolation::IdMap> read_id_map(const JsonReader& parent, const char* key);

}  // namespace vmtool::oci
