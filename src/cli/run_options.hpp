#pragma once
// The command line of `run` as a container.

#include <string>
#include <vector>

#include "ops/container_run.hpp"

namespace vmtool::cli {

struct RunOptions {
  bool remove = false;
  bool detach = false;
  bool interactive = false;
  bool terminal = false;
  bool read_only = false;
  bool init = false;
  std::string rootfs;
  std::string name;
  std::string hostname;
  std::string memory;
  std::string cpus;
  std::string pids;
  std::string network;
  std::vector<std::string> ports;
  std::vector<std::string> volumes;
  std::vector<std::string> env;
  std::string user;
  std::string cwd;
  std::vector<std::string> words;  ///< the image where there is no rootfs, then the command
};

/// Throws Error{usage} that names the option.
ops::RunWishes wishes_of(const RunOptions& options);

}  // namespace vmtool::cli
