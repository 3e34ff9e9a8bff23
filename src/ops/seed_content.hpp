#pragma once
// The seed of a machine's cloudInit.

#include <functional>
#include <string>
#include <vector>

#include "model/machine.hpp"
#include "storage/seed.hpp"

namespace vmtool::ops {

/// The files of this host that a cloudInit names.
std::vector<std::string> seed_sources(const model::CloudInit& cloud_init);

/// The seed's files, in their order; `read` gives the content of a file of seed_sources(). The machine must have a cloud_init.
/// The instance-id follows from the content: cloud-init takes a machine whose seed has changed for a new instance.
std::vector<storage::SeedFile> seed_files(const model::VirtualMachine& machine,
                                          const std::function<std::string(const std::string& path)>& read);

/// sha256 over names and contents.
std::string seed_digest(const std::vector<storage::SeedFile>& files);

/// "<machine>-seed-<digest>.iso": a changed seed is another volume.
std::string seed_volume_name(const std::string& machine, const std::string& digest);

/// The pool for the seed: that of the machine's first disk, else "default".
std::string seed_pool(const model::VirtualMachine& machine);

}  // namespace vmtool::ops
