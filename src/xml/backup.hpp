#pragma once
// The description of a backup job (formatbackup.html).

#include <string>
#include <vector>

namespace vmtool::xml {

/// A disk of the machine, by its target, and the file that its content goes into.
struct BackupDisk {
  std::string target;
  std::string path;
  std::string format;  ///< "qcow2" or "raw"
};

/// A push of whole disks, all of them as they are at one moment. Disks that are not named are left out.
std::string write_backup(const std::vector<BackupDisk>& disks);

}  // namespace vmtool::xml
