#pragma once
// The transient domain of the micro-appliance, and the volumes that it boots from (formatdomain.html, formatstorage.html).

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vmtool::xml {

/// A disk with its whole backing chain, top first: paths with formats. The daemon follows no header.
struct ApplianceDisk {
  std::vector<std::pair<std::string, std::string>> chain;
  std::string serial;
};

struct ApplianceDomain {
  std::string name;
  std::string uuid;
  std::string kernel;  ///< paths on the daemon's host
  std::string initramfs;
  std::string command_line;
  std::string port;  ///< name of its virtio channel
  std::vector<ApplianceDisk> disks;
  bool read_only = false;
};

/// Under emulation, which needs nothing of its host: a KVM that is offered may hang. It has its disks, a channel and a serial console; no network, no other device.
std::string write_appliance(const ApplianceDomain& domain);

/// A raw volume that every process may read: it holds nothing secret, and the emulator is a user of its own.
std::string write_appliance_volume(const std::string& name, std::uint64_t size);

}  // namespace vmtool::xml
