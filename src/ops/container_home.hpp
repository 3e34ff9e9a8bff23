#pragma once
// Where containers lie. The truth about them is their bundles (docs/explanation/containers.md):
//
//   STATE/containers/NAME/  config.json manifest.yaml rootfs/ upper/ work/     survives the host
//   STATE/containers/.new-UUID, .gone-UUID                                     being made, being removed: locked meanwhile
//   RUN/containers/NAME/    status.json log console.sock                       the monitor's
//   RUN/engine/             the engine's own state

#include <filesystem>
#include <string>
#include <vector>

#include "bundle/summary.hpp"
#include "model/container.hpp"
#include "util/fd.hpp"

namespace vmtool::ops {

struct ContainerPaths {
  std::filesystem::path bundle;
  std::filesystem::path run;

  std::filesystem::path config() const { return bundle / "config.json"; }
  std::filesystem::path manifest() const { return bundle / "manifest.yaml"; }
  std::filesystem::path upper() const { return bundle / "upper"; }
  std::filesystem::path status() const { return run / "status.json"; }
  std::filesystem::path log() const { return run / "log"; }
};

class ContainerHome {
 public:
  /// Below state_dir() and run_dir().
  ContainerHome();

  /// The directory of all bundles; it need not exist.
  const std::filesystem::path& bundles() const noexcept { return bundles_; }
  std::filesystem::path engine_root() const { return run_ / "engine"; }
  ContainerPaths paths(const std::string& name) const { return {bundles_ / name, run_ / "containers" / name}; }

  bool has(const std::string& name) const;
  /// Sorted. Throws SysError where the directory can't be read.
  std::vector<std::string> names() const;
  /// What its config.json says. Throws Error{not_found} with the nearest name.
  bundle::Summary summary(const std::string& name) const;
  std::string config_text(const std::string& name) const;
  /// What its manifest.yaml says.
  model::Container definition(const std::string& name) const;

  /// Keeps other runs of vmtool away from the container while the descriptor is open. Waits some seconds, then throws
  /// Error{conflict}; Error{not_found} where there is none, or none any more.
  util::Fd lock(const std::string& name) const;

 private:
  std::filesystem::path bundles_;
  std::filesystem::path run_;
};

/// Throws Error{not_found} with the nearest name as hint.
[[noreturn]] void throw_no_container(const ContainerHome& home, const std::string& name);

}  // namespace vmtool::ops
