#include "cli/app.hpp"

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/error_text.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace vmtool::cli {
namespace {

OutputFormat parse_format(const std::string& word) {
  if (word == "table") return OutputFormat::table;
  if (word == "json") return OutputFormat::json;
  if (word == "yaml") return OutputFormat::yaml;
  if (word == "name") return OutputFormat::name;
  throw util::Error(util::Errc::usage, fmt::format("--output: '{}' is no format", util::printable(word)))
      .hint("formats are table, json, yaml and name");
}

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--connect", globals.connect,
                 "libvirt connection URI (default: LIBVIRT_DEFAULT_URI, else qemu:///system, else qemu:///session)")
      ->type_name("URI");
  app.add_option_function<std::string>(
         "-o,--output", [&globals](const std::string& word) { globals.output = parse_format(word); },
         "Format of results: table, json, yaml or name")
      ->type_name("FORMAT");
  app.add_flag("-q,--quiet", globals.quiet, "Print only results, warnings and errors");
}

struct Entry {
  std::string_view name;
  void (*add)(Grammar&);
};

// In the order in which --help lists them.
constexpr std::array entries{
    Entry{"validate", add_validate},
    Entry{"render", add_render},
    Entry{"define", add_define},
    Entry{"run", add_run},
    Entry{"clone", add_clone},
    Entry{"rename", add_rename},
    Entry{"autostart", add_autostart},
    Entry{"list", add_list},
    Entry{"show", add_show},
    Entry{"start", add_start},
    Entry{"stop", add_stop},
    Entry{"restart", add_restart},
    Entry{"suspend", add_suspend},
    Entry{"resume", add_resume},
    Entry{"delete", add_delete},
    Entry{"wait", add_wait},
    Entry{"exec", add_exec},
    Entry{"cp", add_cp},
    Entry{"logs", add_logs},
    Entry{"top", add_top},
    Entry{"console", add_console},
    Entry{"ip", add_ip},
    Entry{"net", add_net},
    Entry{"disk", add_disk},
    Entry{"image", add_image},
    Entry{"identity", add_identity},
    Entry{"template", add_template},
    Entry{"recover", add_recover},
    Entry{"version", add_version},
};

// Building the grammar of all commands takes a fifth of the program's start, so where the first word is a command, only that one is built.
void add_commands(Grammar& grammar, std::string_view first_word) {
  const auto named =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == first_word; });
  if (named != entries.end()) return named->add(grammar);
  for (const Entry& entry : entries) entry.add(grammar);
}

// CLI11 says only that a subcommand is required where the word is unknown.
util::Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* where = &app;
  for (auto below = where->get_subcommands(); !below.empty(); below = where->get_subcommands()) where = below.front();
  // Words that a subcommand does not know fall through to its parents.
  std::vector<std::string> rest = app.remaining(true);
  std::vector<std::string> names;
  for (const CLI::App* sub : where->get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  const bool unexpected = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !rest.empty();
  util::Error out(util::Errc::usage,
                  unexpected ? fmt::format("unexpected argument '{}'", util::printable(rest.front())) : error.what());
  std::string help = where->get_name();
  for (const CLI::App* above = where->get_parent(); above != nullptr; above = above->get_parent())
    help = above->get_name() + " " + help;
  out.hint(fmt::format("'{} --help' shows what it takes", help));
  if (!names.empty() && !rest.empty() && !rest.front().starts_with("-")) {
    const auto near = util::nearest(rest.front(), names);
    return util::Error(util::Errc::usage, fmt::format("unknown command '{}'{}", util::printable(rest.front()),
                                                      near ? fmt::format(", did you mean '{}'?", *near) : ""))
        .hint(fmt::format("'{} --help' lists the commands", help));
  }
  return out;
}

int report(const util::Error& error, OutputFormat format) {
  fmt::print(stderr, "{}", error_text(error, format));
  return error.exit_code();
}

int run_checked(int argc, char** argv, Globals& globals) {
  CLI::App app("Virtual machines on libvirt from one YAML file", "vmtool");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  add_globals(app, globals);
  Grammar grammar(app);
  add_commands(grammar, argc > 1 ? argv[1] : "");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return report(usage_error(app, error), globals.output);
  }
  Session session(globals);
  return grammar.chosen()(session);
}

}  // namespace

int run(int argc, char** argv) {
  // Threads mostly wait for libvirt: a heap of its own each would cost more than it saves.
  ::mallopt(M_ARENA_MAX, 1);
  Globals globals;
  try {
    const int code = run_checked(argc, argv, globals);
    // A full disk or a closed pipe below our output is a failure too.
    if (std::fflush(stdout) != 0) throw util::SysError(errno, "writing the result");
    return code;
  } catch (const util::Error& error) {
    return report(error, globals.output);
  } catch (const std::exception& error) {
    return report(util::Error(util::Errc::internal, error.what()).hint("this is a fault of vmtool: please report it"),
                  globals.output);
  } catch (...) {
    return report(util::Error(util::Errc::internal, "unknown failure"), globals.output);
  }
}

}  // namespace vmtool::cli
