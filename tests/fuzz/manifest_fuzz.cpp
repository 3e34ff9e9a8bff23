// Whatever the text, reading it ends in objects or in faults with places, and objects that were read without a fault
// have a text of their own.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "manifest/fields.hpp"
#include "manifest/read.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vmtool;
  const std::vector<manifest::Source> sources{{"fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size)}};
  const manifest::Options options{{{"NAME", "web"}, {"SIZE", "1GiB"}}, {}};
  const manifest::ReadResult result = manifest::read(sources, options);
  for (const manifest::Diagnostic& fault : result.diagnostics) {
    if (fault.message.empty() || manifest::to_text(fault).find("error: ") == std::string::npos) std::abort();
  }
  for (const model::Document& document : result.manifest.documents) {
    const auto flat = manifest::flatten(document.object);
    if (result.diagnostics.empty() && flat.count("name") == 0) std::abort();
  }
  return 0;
}
