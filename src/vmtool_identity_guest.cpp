// The micro-appliance's only program. As the first process of a machine it does its job; with --libraries it prints the files
// that it is made of, which is how they come into the machine.
#include <link.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

#include "identity/appliance_guest.hpp"

namespace {

// By the names under which the loader has found them, the loader's own included.
int print_libraries() {
  const auto print = [](dl_phdr_info* object, std::size_t, void*) {
    const std::string_view name = object->dlpi_name;
    if (name.starts_with('/')) std::printf("%s\n", object->dlpi_name);
    return 0;
  };
  ::dl_iterate_phdr(print, nullptr);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--libraries") return print_libraries();
  if (::getpid() != 1) {
    std::fputs("this program runs in the appliance that vmtool-identity boots\n", stderr);
    return 2;
  }
  vmtool::identity::run_appliance();
}
