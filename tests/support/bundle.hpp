#pragma once
// An OCI bundle with a busybox root, and the `isolate` program run on it with a state directory and a cgroup of its own.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.hpp"
#include "util/command.hpp"

namespace vmtool::tests {

class Bundle {
 public:
  /// A root of a few directories and a static busybox; namespaces pid, network, ipc, uts, mount, cgroup.
  Bundle();
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;
  /// Removes every container that is left, and the cgroups.
  ~Bundle();

  nlohmann::json config;  ///< written to config.json by every call below

  std::filesystem::path path() const { return directory_.path(); }
  std::filesystem::path root() const { return directory_.path() / "rootfs"; }
  std::string state_root() const { return (directory_.path() / "state").native(); }
  /// The cgroup below each hierarchy that all containers of this bundle use, absolute.
  std::string cgroup(const std::string& id) const;

  /// Sets the command.
  Bundle& args(std::vector<std::string> words);
  /// An overlay as the root; `options` as mount(8) has them, relative paths start from the bundle.
  Bundle& overlay(std::vector<std::string> options);
  /// A further mount.
  Bundle& mount(const std::string& destination, const std::string& type, const std::string& source,
                std::vector<std::string> options = {});
  /// A shell script as the command.
  Bundle& script(const std::string& text) { return args({"/bin/sh", "-c", text}); }
  /// Writes config.json for a container of that id.
  void write(const std::string& id);
  /// `isolate WORDS…` with --root before them.
  util::Result isolate(std::vector<std::string> words) const;
  /// `isolate run ID` and its result.
  util::Result run(const std::string& id = "test");
  /// The same, detached: its output goes to path()/"log".
  util::Result start(const std::string& id = "test");
  /// `isolate create ID`, its output as that of start().
  util::Result create(const std::string& id = "test") const;
  std::string log() const;

  /// How often anything of a container is left on the host: state directories and cgroups.
  std::vector<std::string> leftovers() const;

 private:
  TempDir directory_;
  std::string group_;
};

}  // namespace vmtool::tests
