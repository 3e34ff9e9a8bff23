#pragma once
// qemu-img where it takes long.

#include <string>
#include <vector>

#include "storage/copy.hpp"
#include "util/bytes.hpp"

namespace vmtool::storage {

/// Runs qemu-img with these arguments to its end. Meanwhile the space that `file`, a descriptor of what it writes, takes is reported as
/// what is done of `total`; what `progress` throws ends it. Throws Error{io}: "making '<name>'" and qemu-img's own words.
void run_qemu_img(const std::vector<std::string>& args, int file, const std::string& name, util::Bytes total,
                  const Progress& progress);

}  // namespace vmtool::storage
