#include <unistd.h>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/guest_names.hpp"
#include "cli/shell_code.hpp"
#include "ops/container_state.hpp"
#include "ops/engine.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

struct ExecOptions {
  std::vector<std::string> words;  ///< the name, perhaps "--", the command
  std::string name;
  std::string user;
  std::string cwd;
  std::vector<std::string> env;
  bool terminal = false;
  bool interactive = false;
  std::vector<std::string> command;
};

std::vector<std::string> engine_words(const ExecOptions& options) {
  std::vector<std::string> words{"exec"};
  if (options.terminal) words.emplace_back("--tty");
  if (!options.user.empty()) words.insert(words.end(), {"--user", options.user});
  if (!options.cwd.empty()) words.insert(words.end(), {"--cwd", options.cwd});
  for (const std::string& item : options.env) words.insert(words.end(), {"--env", item});
  words.push_back(options.name);
  words.insert(words.end(), options.command.begin(), options.command.end());
  return words;
}

void take_name(ExecOptions& options) {
  if (options.words.empty())
    throw util::Error(util::Errc::usage, "no container is named").hint("vmtool exec NAME COMMAND");
  options.name = options.words.front();
  const bool has_mark = options.words.size() > 1 && options.words[1] == "--";
  options.command.assign(options.words.begin() + (has_mark ? 2 : 1), options.words.end());
}

int exec_in_container(const ExecOptions& options) {
  const ops::ContainerHome home;
  if (!is_container(options.name)) ops::throw_no_container(home, options.name);
  // The engine knows the process itself, and says so where it does not run; its monitor does not matter here.
  if (!ops::is_up(ops::look_at_container(home.paths(options.name)).state)) {
    throw util::Error(util::Errc::conflict, fmt::format("container '{}' does not run", options.name))
        .hint(fmt::format("vmtool start {}", options.name));
  }
  if (options.command.empty())
    throw util::Error(util::Errc::usage, "no command is given")
        .hint(fmt::format("vmtool exec {} COMMAND", options.name));
  become(ops::engine_command(home, engine_words(options)));
}

}  // namespace

void add_exec(Grammar& grammar) {
  Command command = grammar.command("exec", "Run a further program in a container; its exit code is the command's");
  const auto options = std::make_shared<ExecOptions>();
  command.flag("-t,--tty", options->terminal, "With a terminal");
  command.flag("-i,--interactive", options->interactive, "Accepted for habit: standard input is always the program's");
  command.option("-u,--user", "UID[:GID]", options->user, "As this user, in numbers");
  command.option("--cwd", "DIRECTORY", options->cwd, "In this directory");
  command.repeatable("-e,--env", "NAME=VALUE", options->env, "With this variable; may be repeated");
  command.rest("NAME COMMAND", options->words, "The container, then the program and its arguments");
  command.on([options](Session& session) {
    return with_shell_code(session, [&] {
      take_name(*options);
      return exec_in_container(*options);
    });
  });
}

}  // namespace vmtool::cli
