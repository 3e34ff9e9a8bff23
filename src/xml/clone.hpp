#pragma once
// From a domain's XML to a clone's: every value that identifies the machine is new, everything else stays as it is.

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/uuid.hpp"
#include "xml/clone_mark.hpp"

namespace vmtool::xml {

/// Where a disk of the clone lies.
struct NewDisk {
  std::string path;
  std::string volume;  ///< its name, for disks of type volume
  std::string format;
  bool is_new_chain = false;  ///< it stands on other files than the source's disk: a stated chain is dropped
};

/// The values that the caller chose; the rest comes from `random`.
struct CloneValues {
  std::string name;
  util::Uuid uuid;
  std::vector<std::string> macs;         ///< one for each <interface>, in their order
  std::map<std::string, NewDisk> disks;  ///< by target; a disk that is not named here is shared
  std::string nvram;                     ///< empty: the source has none
  std::set<unsigned> taken_ports;        ///< ports of the host that machines claim
  /// Addresses of the guest, old → new, where the definition itself states them ("" for gone).
  std::map<std::string, std::string> addresses;
  CloneMark mark;
  std::function<void(std::span<unsigned char>)> random;
};

enum class CloneStatus {
  renewed,    ///< has a new value
  automatic,  ///< is chosen anew at each start
  removed,    ///< is gone
  kept,       ///< stays as it is, and the reason says what that means
};
/// "renewed", "automatic", "removed", "kept".
const char* to_text(CloneStatus status) noexcept;

/// One value of the definition.
struct CloneItem {
  std::string item{};   ///< "uuid", "mac", "disk-serial" …
  std::string place{};  ///< which one: "vda", "serial 0"; may be empty
  CloneStatus status = CloneStatus::renewed;
  std::string old_value{};
  std::string new_value{};
  std::string reason{};
};

struct ClonedDomain {
  std::string xml;
  std::vector<CloneItem> items;
  std::vector<std::string> warnings;  ///< what two machines can't use at one time: host devices, static labels …
};

/// The clone's definition. Pure. Throws Error{invalid_input} where it is no domain XML or a value is missing.
ClonedDomain clone_domain(std::string_view source_xml, const CloneValues& values);

/// The definition with one disk moved to another file, as a source has it whose disk became the base of linked clones.
std::string with_disk(std::string_view domain_xml, const std::string& target, const NewDisk& disk);

/// A path that belongs to one machine, for another: the old name in the last part becomes the new one; where it does not
/// stand there as a word, the new name is put before.
std::string path_for(std::string_view path, std::string_view old_name, std::string_view new_name);

}  // namespace vmtool::xml
