// The helper program that reads archives; see images/helper_program.hpp.
#include <sys/prctl.h>

#include <csignal>

#include "images/helper_program.hpp"

int main(int argc, char** argv) {
  // Without the one who asked, nobody would hear of the end.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  return vmtool::images::run_helper_program({argv + 1, argv + argc});
}
