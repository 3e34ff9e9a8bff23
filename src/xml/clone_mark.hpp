#pragma once
// What a clone knows of where it came from, an element of its own in <metadata>, which machines of other tools have too:
//
//   <vmtool-clone:clone xmlns:vmtool-clone='urn:vmtool:clone:1' source='web' sourceUuid='…' mode='linked'>
//     <vmtool-clone:disk target='vda' path='/…/web2-root.qcow2'/>      a disk that was made for it, and goes with it
//   </vmtool-clone:clone>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmtool::xml {

struct CloneMark {
  std::string source;  ///< the name that the source had
  std::string source_uuid;
  std::string mode;                                        ///< full | linked | reflink
  std::vector<std::pair<std::string, std::string>> disks;  ///< target and path of each disk that was made
};

/// The mark of a domain; absent where it is no clone of ours. Throws Error{invalid_input} where it is no domain XML.
std::optional<CloneMark> clone_mark(std::string_view domain_xml);

}  // namespace vmtool::xml
