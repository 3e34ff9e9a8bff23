#pragma once
// What a clone has to know of its source: read from the definition of any domain, whoever wrote it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmtool::xml {

/// A <disk> of the source.
struct SourceDisk {
  std::string target;  ///< vda, sda …
  std::string name;    ///< vmtool's name for it, else the target
  std::string device;  ///< disk | cdrom | floppy | lun
  std::string type;    ///< file | block | volume | network … (formatdomain.html, hard drives)
  std::string path;    ///< of type file, block and dir; empty: no medium, or somewhere else
  std::string pool;    ///< of type volume
  std::string volume;
  std::string format;  ///< as the definition states it; raw where it does not, as libvirt takes it
  bool is_read_only = false;
  bool is_shareable = false;
  bool is_encrypted = false;
  bool is_slice = false;  ///< only a part of the file
  /// No medium is in the drive.
  bool is_empty() const { return type == "file" && path.empty(); }
};

/// An <interface> of the source.
struct SourceInterface {
  std::string mac;      ///< lower case; empty: libvirt's choice
  std::string name;     ///< vmtool's name for it, else net0, net1 …
  std::string network;  ///< empty: not on a libvirt network
};

struct CloneSource {
  std::string name;
  std::string uuid;
  bool is_template = false;
  std::vector<SourceDisk> disks;
  std::vector<SourceInterface> interfaces;
  std::string nvram;  ///< the file with the firmware's variables; empty: none, or not yet made
  bool has_emulated_tpm = false;
  bool binds_ports = false;  ///< a serial port or channel listens on a port of the host
};

/// Throws Error{invalid_input} where it is no domain XML.
CloneSource read_clone_source(std::string_view xml);

/// TCP and UDP ports of the host that a definition claims: of listening serial ports and channels and of graphics.
std::vector<unsigned> claimed_ports(std::string_view xml);

}  // namespace vmtool::xml
