#pragma once
// Parts of a config.json. Private to the room.

#include <nlohmann/json.hpp>

#include "bundle/config.hpp"

namespace vmtool::bundle {

using Json = nlohmann::ordered_json;

Json process_json(const model::Container& container, const ConfigFacts& facts);
Json mounts_json(const model::Container& container, const ConfigFacts& facts);
Json resources_json(const model::ContainerResources& resources, const std::map<std::string, DeviceNumber>& devices);
Json user_network_hooks(const model::Container& container);
Json annotations_json(const model::Container& container, const ConfigFacts& facts);

}  // namespace vmtool::bundle
