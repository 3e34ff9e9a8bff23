// The helper program: one job as JSON on standard input, its end as JSON on standard output.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "identity/supervisor.hpp"
#include "util/file.hpp"

namespace {

constexpr std::size_t largest_request = 16U << 20;

vmtool::identity::Json answer() {
  using vmtool::identity::to_json;
  try {
    return vmtool::identity::run_job(
        vmtool::identity::job_from(vmtool::identity::parse(vmtool::util::read_all(STDIN_FILENO, largest_request))));
  } catch (const vmtool::util::Error& error) {
    return {{"error", to_json(error)}};
  } catch (const std::exception& error) {
    return {{"error", to_json(vmtool::util::Error(vmtool::util::Errc::internal, error.what()))}};
  }
}

}  // namespace

int main() {
  // Without the one who asked, nobody would hear of the end.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  try {
    vmtool::util::write_all(STDOUT_FILENO, answer().dump());
  } catch (const std::exception&) {
    return 1;
  }
  return 0;
}
