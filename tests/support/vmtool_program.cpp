#include "tests/support/vmtool_program.hpp"

#include <cstdlib>
#include <stdexcept>

#include "util/text.hpp"

namespace vmtool::util {

void PrintTo(const Result& result, std::ostream* out) {
  *out << "exit code " << result.exit_code << "\n--- stdout\n" << result.out << "--- stderr\n" << result.err << "---";
}

}  // namespace vmtool::util

namespace vmtool::tests {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run this through ctest");
  return value;
}

std::vector<std::string> joined(std::vector<std::string> head, std::vector<std::string> tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

}  // namespace

std::filesystem::path source_dir() { return from_environment("VMTOOL_SOURCE_DIR"); }

util::Result vmtool(std::vector<std::string> args, std::string input) {
  std::vector<std::pair<std::string, std::string>> env;
  if (std::getenv("LIBVIRT_DEFAULT_URI") == nullptr) env.emplace_back("LIBVIRT_DEFAULT_URI", "qemu:///system");
  return util::run({.args = joined({"env", "-C", source_dir(), from_environment("VMTOOL_PROGRAM")}, std::move(args)),
                    .env = std::move(env),
                    .input = std::move(input),
                    .time_limit = std::chrono::minutes(4)});
}

util::Result virsh(std::vector<std::string> args) {
  return util::run({.args = joined({"virsh", "-c", "qemu:///system"}, std::move(args))});
}

std::string tiny_guest() {
  const auto built =
      util::run_checked({.args = {source_dir() / "tools/tiny_guest/build.sh"}, .time_limit = std::chrono::minutes(2)});
  return std::string(util::trim(built.out));
}

}  // namespace vmtool::tests
