#pragma once
// vmtool with a state and a run directory of its own, a busybox root as the lowest layer, and no libvirt.

#include <fcntl.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/support/bundle.hpp"
#include "tests/support/require.hpp"
#include "tests/support/vmtool_program.hpp"
#include "util/file.hpp"

namespace vmtool::tests {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class Containers : public testing::Test {
 protected:
  Containers() {
    ::setenv("VMTOOL_STATE_DIR", state().c_str(), 1);
    ::setenv("VMTOOL_RUN_DIR", run().c_str(), 1);
    // A daemon that is not there.
    ::setenv("LIBVIRT_DEFAULT_URI", "qemu+unix:///system?socket=/nonexistent/libvirt-sock", 1);
  }
  ~Containers() override {
    for (const std::string& name : names()) vmtool({"delete", "--yes", "--force", name});
  }

  fs::path state() const { return place.path() / "state"; }
  fs::path run() const { return place.path() / "run"; }
  fs::path bundle_of(const std::string& name) const { return state() / "containers" / name; }
  fs::path lower() const { return lower_bundle.root(); }

  /// A document of a container that runs a shell script.
  std::string document(const std::string& name, const std::string& script, const std::string& rest = {}) const {
    return fmt::format(
        "kind: Container\nname: {}\nrootfs: {{layers: [{}]}}\nprocess: {{args: [/bin/sh, -c, {}]}}\nstopTimeout: "
        "1s\n{}\n",
        name, lower().native(), nlohmann::json(script).dump(), rest);
  }
  util::Result define(const std::string& text) const { return vmtool({"define", "-f", "-"}, text); }
  /// Both must succeed.
  void start(const std::string& name, const std::string& script, const std::string& rest = {}) const {
    const auto defined = define(document(name, script, rest));
    ASSERT_EQ(defined.exit_code, 0) << defined.err;
    const auto started = vmtool({"start", name});
    ASSERT_EQ(started.exit_code, 0) << started.err;
  }
  nlohmann::json show(const std::string& name) const {
    const auto shown = vmtool({"show", name, "-o", "json"});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return nlohmann::json::parse(shown.out);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    if (!fs::exists(state() / "containers")) return out;
    for (const auto& entry : fs::directory_iterator(state() / "containers")) out.push_back(entry.path().filename());
    return out;
  }
  /// What is left on the host of all containers: directories, state of the engine, control groups, mounts.
  std::vector<std::string> leftovers() const {
    std::vector<std::string> out = names();
    const auto add_below = [&](const fs::path& folder) {
      if (!fs::exists(folder)) return;
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory() && entry.path().filename() != ".seccomp") out.push_back(entry.path().native());
      }
    };
    add_below(run() / "containers");
    add_below(run() / "engine");
    for (const char* hierarchy : {"memory", "unified"}) add_below(fs::path("/sys/fs/cgroup") / hierarchy / "vmtool");
    if (util::read_all(util::open_file("/proc/self/mountinfo", O_RDONLY).get(), 1 << 24).find(place.path().native()) !=
        std::string::npos)
      out.emplace_back("a mount");
    return out;
  }

  TempDir place;
  Bundle lower_bundle;
};

}  // namespace vmtool::tests
