#include "cli/shell_code.hpp"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "cli/error_text.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

constexpr int own_failure = 125;

}  // namespace

int with_shell_code(const Session& session, const std::function<int()>& body) {
  try {
    return body();
  } catch (const util::Error& error) {
    fmt::print(stderr, "{}", error_text(error, session.globals().output));
    return own_failure;
  }
}

void become(const std::vector<std::string>& words) {
  std::fflush(stdout);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  throw util::SysError(errno, fmt::format("starting '{}'", util::printable(words.front())));
}

}  // namespace vmtool::cli
