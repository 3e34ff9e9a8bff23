#pragma once
// Models that together use every key, each with the file that holds its XML: tests/golden/xml/<kind>/<case>.xml.

#include <filesystem>
#include <string>
#include <vector>

#include "model/machine.hpp"
#include "model/network.hpp"
#include "model/volume.hpp"

namespace vmtool::tests {

/// How much of a machine is decided: a planned one can be defined, a rendered one has open identities.
enum class Stage { planned, rendered };

template <class Model>
struct Case {
  std::string name;
  Model model;
  Stage stage = Stage::planned;
};

std::vector<Case<model::VirtualMachine>> machine_cases();
std::vector<Case<model::Network>> network_cases();
std::vector<Case<model::Volume>> volume_cases();
std::vector<Case<model::Pool>> pool_cases();

/// The XML of a case, with the kind that names its folder and its schema.
struct Written {
  std::string kind;  ///< domain, network, storagevol, storagepool
  std::string name;
  std::string xml;
  std::filesystem::path golden() const;
};
std::vector<Written> written_cases();

/// What a machine is once it went through XML: libvirt keeps autostart elsewhere, and `auto` is a decision to be made.
model::VirtualMachine as_read(model::VirtualMachine machine);
model::Network as_read(model::Network network);

}  // namespace vmtool::tests
