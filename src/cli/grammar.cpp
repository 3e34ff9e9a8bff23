#include "cli/grammar.hpp"

#include <CLI/CLI.hpp>

namespace vmtool::cli {
namespace {

CLI::App& add(CLI::App& parent, const std::string& name, const std::string& doc) {
  CLI::App& made = *parent.add_subcommand(name, doc);
  made.fallthrough();  // global options may stand anywhere
  return made;
}

}  // namespace

Command& Command::argument(const std::string& type, std::string& value, const std::string& doc) {
  app_->add_option(type, value, doc)->required()->type_name("");
  return *this;
}

Command& Command::arguments(const std::string& type, std::vector<std::string>& values, const std::string& doc) {
  app_->add_option(type, values, doc)->required()->type_name("");
  return *this;
}

Command& Command::optional_arguments(const std::string& type, std::vector<std::string>& values,
                                     const std::string& doc) {
  app_->add_option(type, values, doc)->type_name("");
  return *this;
}

Command& Command::rest(const std::string& type, std::vector<std::string>& values, const std::string& doc) {
  // Global options behind the command's own words belong to the other program.
  app_->prefix_command()->fallthrough(false);
  app_->footer(type + "...: " + doc);
  app_->parse_complete_callback([app = app_, &values] {
    values = app->remaining();
    if (!values.empty() && values.front() == "--") values.erase(values.begin());
  });
  return *this;
}

Command& Command::option(const std::string& names, const std::string& type, std::string& value,
                         const std::string& doc) {
  app_->add_option(names, value, doc)->type_name(type);
  return *this;
}

Command& Command::required_option(const std::string& names, const std::string& type, std::string& value,
                                  const std::string& doc) {
  app_->add_option(names, value, doc)->type_name(type)->required();
  return *this;
}

Command& Command::repeatable(const std::string& names, const std::string& type, std::vector<std::string>& values,
                             const std::string& doc) {
  app_->add_option(names, values, doc)->type_name(type)->allow_extra_args(false);
  return *this;
}

Command& Command::required_repeatable(const std::string& names, const std::string& type,
                                      std::vector<std::string>& values, const std::string& doc) {
  app_->add_option(names, values, doc)->type_name(type)->allow_extra_args(false)->required();
  return *this;
}

Command& Command::flag(const std::string& names, bool& value, const std::string& doc) {
  app_->add_flag(names, value, doc);
  return *this;
}

Command Command::subcommand(const std::string& name, const std::string& doc) {
  app_->require_subcommand(1);
  return {add(*app_, name, doc), *grammar_};
}

void Command::on(Body body) {
  app_->callback([grammar = grammar_, body = std::move(body)] { grammar->choose(body); });
}

Command Grammar::command(const std::string& name, const std::string& doc) { return {add(*app_, name, doc), *this}; }

}  // namespace vmtool::cli
