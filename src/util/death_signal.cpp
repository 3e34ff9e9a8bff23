#include "util/death_signal.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace vmtool::util {

bool die_with_parent(pid_t parent) noexcept { return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent; }

}  // namespace vmtool::util
