#pragma once
// What the commands of `isolate` share: the global options, and how a command is added.

#include <functional>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "isolation/container.hpp"
#include "isolation/spec.hpp"

namespace vmtool::oci {

/// The options before the command.
struct Globals {
  std::string root{};
  std::string log{};
  std::string log_format = "text";
  std::string cgroup_manager = "cgroupfs";
  std::string rootless = "auto";
  bool systemd_cgroup = false;
  bool debug = false;

  /// What --cgroup-manager or --systemd-cgroup asks for.
  std::string cgroup_manager_name() const;
  isolation::Engine engine() const;
};

/// What the command line asked for; set while it is parsed, called afterwards. Returns the exit code.
using Chosen = std::function<int()>;

/// Adds a command to the program.
using AddCommand = void (*)(CLI::App& app, const Globals& globals, Chosen& chosen);

void add_create(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_run(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_supervise(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_start(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_state(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_kill(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_delete(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_exec(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_list(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_ps(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_pause(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_resume(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_update(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_events(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_features(CLI::App& app, const Globals& globals, Chosen& chosen);
void add_spec(CLI::App& app, const Globals& globals, Chosen& chosen);

/// The configuration of a bundle: its text and what it says.
struct Bundle {
  std::string document{};
  isolation::Spec spec{};
};
/// Reads BUNDLE/config.json, or `config` where given. Throws Error.
Bundle read_bundle(const std::string& bundle, const std::string& config, const std::string& id);

/// The spec that a container was made from, from its state directory.
isolation::Spec spec_of(const isolation::Container& container);

/// What every creation of a container from that bundle has: its document, and the state text for its hooks.
isolation::CreateOptions create_options(const Bundle& bundle);

/// Removes a container and runs its poststop hooks.
void remove_container(isolation::Container& container, isolation::Container::Force force);

/// Runs poststart hooks.
void run_poststart(const isolation::Container& container, const isolation::Spec& spec);

/// Prints on standard output. Throws SysError.
void print(const std::string& text);

}  // namespace vmtool::oci
