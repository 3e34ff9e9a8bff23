#pragma once
// What a manifest holds once it is read.

#include <string>
#include <variant>
#include <vector>

#include "model/container.hpp"
#include "model/machine.hpp"
#include "model/network.hpp"
#include "model/volume.hpp"

namespace vmtool::model {

using Object = std::variant<VirtualMachine, Network, Volume, Image, Container>;

/// The word of an object's kind as manifests write it, e.g. "VirtualMachine".
std::string_view kind_of(const Object& object);
const std::string& name_of(const Object& object);

/// One document of a file, with where it stands.
struct Document {
  Object object;
  std::string file;   ///< as the user named it; "-" for standard input
  unsigned line = 0;  ///< of the document's first key, from 1
  Provenance provenance;
};

/// All documents of all files of a command, in their order.
struct Manifest {
  std::vector<Document> documents;
};

}  // namespace vmtool::model
