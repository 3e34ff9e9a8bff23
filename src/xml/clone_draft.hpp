#pragma once
// The clone's definition while it is rewritten; each part of it has a file of its own. Private to the room.

#include <map>
#include <string>
#include <string_view>

#include <pugixml.hpp>

#include "xml/clone.hpp"

namespace vmtool::xml {

class CloneDraft {
 public:
  CloneDraft(pugi::xml_node domain, const CloneValues& values, ClonedDomain& result);

  pugi::xml_node domain() const { return domain_; }
  pugi::xml_node devices() const { return domain_.child("devices"); }
  const CloneValues& values() const { return values_; }
  const std::string& old_name() const { return old_name_; }
  const std::string& old_uuid() const { return old_uuid_; }

  /// Hexadecimal digits that nobody has used before.
  std::string fresh_hex(std::size_t digits);
  std::string fresh_uuid();

  const std::vector<CloneItem>& items() const { return result_.items; }
  void note(CloneItem item) { result_.items.push_back(std::move(item)); }
  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }
  /// Sets and notes a new value; nothing where the attribute is missing or empty.
  void renew(pugi::xml_attribute attribute, const std::string& item, const std::string& place,
             const std::string& value);
  /// Sets and notes the path for this clone; nothing where there is none.
  void rename(pugi::xml_attribute path, const std::string& item, const std::string& place);
  /// A port of the host in place of `port`; the same for the same.
  unsigned new_port(unsigned port);

 private:
  pugi::xml_node domain_;
  const CloneValues& values_;
  ClonedDomain& result_;
  std::string old_name_;
  std::string old_uuid_;
  std::map<unsigned, unsigned> ports_;
};

/// The <source> of a character device that listens on a port of the host; an empty node where it does not.
pugi::xml_node listening_source(pugi::xml_node device);

// The parts, in the order in which they are done.
void clone_firmware(CloneDraft& draft);  ///< genid, SMBIOS, NVRAM, kernel command line, TPM
void clone_disks(CloneDraft& draft);
void clone_interfaces(CloneDraft& draft);
void clone_character_devices(CloneDraft& draft);
void clone_other_devices(CloneDraft& draft);  ///< graphics, vsock, shmem; what can only be named
void clone_metadata(CloneDraft& draft);

/// Points a <disk> at its file.
void place_disk(pugi::xml_node disk, const NewDisk& where);

}  // namespace vmtool::xml
