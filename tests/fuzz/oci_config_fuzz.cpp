// Whatever the text, reading it as config.json ends in a spec or in an error, and a spec that was read can be checked.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "isolation/cgroup_plan.hpp"
#include "oci/config.hpp"
#include "util/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vmtool;
  try {
    const isolation::Spec spec =
        oci::read_config(std::string(reinterpret_cast<const char*>(data), size), "/bundle", "fuzz");
    isolation::check_resources(spec.resources);
    if (isolation::cgroup_path(spec.cgroups_path, spec.id).find("/../") != std::string::npos) std::abort();
  } catch (const util::Error& error) {
    if (error.message().empty()) std::abort();
  }
  return 0;
}
