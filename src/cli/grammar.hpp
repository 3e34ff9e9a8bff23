#pragma once
// How a command adds itself to the command line. CLI11 stands behind it, in grammar.cpp alone: its header is large.

#include <functional>
#include <string>
#include <vector>

#include "cli/session.hpp"

namespace CLI {
class App;
}

namespace vmtool::cli {

class Grammar;

/// The body of a command; its value is the exit code.
using Body = std::function<int(Session&)>;

/// One command: what it takes and what it does. The variables that values go to must live as long as the body:
/// commands keep them in a shared_ptr that the body holds.
class Command {
 public:
  Command(CLI::App& app, Grammar& grammar) : app_(&app), grammar_(&grammar) {}

  /// A word that must be given.
  Command& argument(const std::string& type, std::string& value, const std::string& doc);
  /// One or more words.
  Command& arguments(const std::string& type, std::vector<std::string>& values, const std::string& doc);
  /// Any number of words, none included.
  Command& optional_arguments(const std::string& type, std::vector<std::string>& values, const std::string& doc);
  /// Every word after the ones before, options of another program included; they stand last.
  Command& rest(const std::string& type, std::vector<std::string>& values, const std::string& doc);
  /// "--kind", or "-f,--file", with a value.
  Command& option(const std::string& names, const std::string& type, std::string& value, const std::string& doc);
  Command& required_option(const std::string& names, const std::string& type, std::string& value,
                           const std::string& doc);
  /// An option that may be given several times, with one value each.
  Command& repeatable(const std::string& names, const std::string& type, std::vector<std::string>& values,
                      const std::string& doc);
  Command& required_repeatable(const std::string& names, const std::string& type, std::vector<std::string>& values,
                               const std::string& doc);
  /// "--force", or "-y,--yes".
  Command& flag(const std::string& names, bool& value, const std::string& doc);

  /// A command below this one ("net start"); this one then does nothing by itself.
  Command subcommand(const std::string& name, const std::string& doc);

  /// What runs when the user names the command.
  void on(Body body);

 private:
  CLI::App* app_;
  Grammar* grammar_;
};

/// Collects the commands of the program and remembers which one the user named.
class Grammar {
 public:
  explicit Grammar(CLI::App& app) : app_(&app) {}
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;

  Command command(const std::string& name, const std::string& doc);
  void choose(const Body& body) { chosen_ = body; }
  const Body& chosen() const noexcept { return chosen_; }

 private:
  CLI::App* app_;
  Body chosen_;
};

}  // namespace vmtool::cli
