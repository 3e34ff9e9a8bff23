#pragma once
// What the child of a launch holds while it runs the steps of its plan. Descriptors only; all are close-on-exec.

#include <vector>

namespace vmtool::isolation {

struct Child {
  int sync = -1;       ///< socket to the launcher; its end of file means that the launcher is gone
  int proc = -1;       ///< a procfs of the container's pid namespace that is mounted nowhere
  int root = -1;       ///< the container's root, before and after pivot_root
  int mask_file = -1;  ///< an empty file and an empty directory that the engine made
  int mask_directory = -1;
  int console = -1;               ///< our end of the container's terminal
  int gate = -1;                  ///< sealed copy of the gate program
  int report = -1;                ///< where the gate writes its failure; -1: sync
  bool covers_old_root = false;   ///< the new root was attached to "/" itself
  std::vector<int> cgroups{};     ///< files of the v1 cgroups that the child writes itself into
  int container = -1;             ///< pidfd of the running container that a further process joins
  std::vector<int> namespaces{};  ///< of the JoinNamespace steps, in their order
  std::vector<int> trees{};       ///< detached mounts made by the launcher, by MountStep::tree / RootStep::tree
};

}  // namespace vmtool::isolation
