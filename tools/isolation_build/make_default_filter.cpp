// make_default_filter MASK: writes the default filter for a set of capabilities as the elements of a C++ array.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "isolation/seccomp_default.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    for (const std::uint64_t word : vmtool::isolation::compile_default_filter(std::strtoull(argv[1], nullptr, 16))) {
      std::printf("0x%016" PRIx64 ",\n", word);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_default_filter: %s\n", error.what());
    return 1;
  }
  return 0;
}
