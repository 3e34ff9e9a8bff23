#include "oci/command.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include "isolation/hook.hpp"
#include "oci/config.hpp"
#include "oci/document.hpp"
#include "util/error.hpp"
#include "util/file.hpp"
#include "util/handle.hpp"
#include "util/text.hpp"

namespace vmtool::oci {

using util::Errc;
using util::Error;

std::string Globals::cgroup_manager_name() const { return systemd_cgroup ? "systemd" : cgroup_manager; }

isolation::Engine Globals::engine() const {
  isolation::Engine out;
  const std::string manager = cgroup_manager_name();
  if (manager == "systemd") {
    out.cgroups = isolation::CgroupManager::systemd;
  } else if (manager == "disabled") {
    out.cgroups = isolation::CgroupManager::none;
  } else if (manager != "cgroupfs") {
    throw Error(Errc::usage, fmt::format("there is no cgroup manager '{}'", util::printable(manager)));
  }
  if (!root.empty()) {
    out.state_root = root;
  } else if (::geteuid() != 0) {
    const char* const runtime = ::getenv("XDG_RUNTIME_DIR");
    out.state_root = runtime != nullptr && *runtime == '/' ? std::string(runtime) + "/isolate"
                                                           : fmt::format("/tmp/isolate-{}", ::geteuid());
  }
  return out;
}

Bundle read_bundle(const std::string& bundle, const std::string& config, const std::string& id) {
  const std::string place = bundle.empty() ? "." : bundle;
  const util::Handle<char, ::free> absolute{::realpath(place.c_str(), nullptr)};
  if (!absolute) throw util::SysError(errno, fmt::format("the bundle '{}'", util::printable(place)));
  const std::string file = config.empty() ? std::string(absolute.get()) + "/config.json" : config;
  Bundle out;
  out.document = util::read_file(file, config_limit);
  out.spec = read_config(out.document, absolute.get(), id);
  return out;
}

isolation::Spec spec_of(const isolation::Container& container) {
  return read_config(container.document(), container.state().bundle, container.state().id);
}

void run_poststart(const isolation::Container& container, const isolation::Spec& spec) {
  if (spec.hooks.poststart.empty()) return;
  isolation::run_hooks(spec.hooks.poststart, "poststart",
                       state_json(container.state(), "running", container.state().pid, container.document()));
}

void remove_container(isolation::Container& container, isolation::Container::Force force) {
  isolation::Spec spec;
  std::string document;
  try {
    document = container.document();
    if (document.find("\"poststop\"") != std::string::npos) spec = spec_of(container);
  } catch (const Error&) {
    spec = {};  // a half-made container has no document, and no hooks to run
  }
  container.remove(force);
  for (const isolation::Hook& hook : spec.hooks.poststop) {
    // The container is gone already: a hook that fails must not keep the others from running.
    static_cast<void>(isolation::run_hook(hook, state_json(container.state(), "stopped", 0, document)).error);
  }
}

isolation::CreateOptions create_options(const Bundle& bundle) {
  isolation::CreateOptions out;
  isolation::State state;
  state.id = bundle.spec.id;
  state.bundle = bundle.spec.bundle;
  state.owner = ::geteuid();
  out.state_text = [state, document = bundle.document](int pid, const char* status) {
    return state_json(state, status, pid, document);
  };
  out.document = bundle.document;
  return out;
}

void print(const std::string& text) { util::write_all(STDOUT_FILENO, text + "\n"); }

}  // namespace vmtool::oci
