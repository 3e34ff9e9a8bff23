#pragma once
// What a machine has and libvirt's XML lacks, in the domain's <metadata>:
//
//   <vmtool:machine xmlns:vmtool='urn:vmtool:xmlns:1' machine='q35' cpu='default' stopTimeout='90s' protected='no' log='yes'>
//     <vmtool:label name='tier' value='db'/>
//     <vmtool:disk name='root' target='vda' image='debian-12' backing='linked' capacity='21474836480'/>
//     <vmtool:interface name='lan' mac='52:54:00:…' address='192.168.140.10'/>
//     <vmtool:seed path='/var/lib/…/db01-seed-0123abcd.iso' digest='…'/>
//     <vmtool:edit xpath='./devices/memballoon/@model' set='none'/>
//     <vmtool:manifest digest='…'>kind: VirtualMachine …</vmtool:manifest>
//   </vmtool:machine>
//
// libvirt's own elements win: a word of ours counts only as long as it still fits what they say.

#include <vector>

#include <pugixml.hpp>

#include "model/machine.hpp"

namespace vmtool::xml {

/// Appends <metadata> with the machine's element. Disks have targets already.
void write_metadata(pugi::xml_node domain, const model::VirtualMachine& machine);

/// Fills what our metadata knows into a machine that was read from the domain's other elements; does nothing where the
/// domain has none of ours. Disks come into the metadata's order, foreign ones last.
void read_metadata(pugi::xml_node domain, model::VirtualMachine& machine);

/// The <vmtool:…> element of this name in the document's <metadata>, in our namespace; empty when there is none.
pugi::xml_node find_metadata(pugi::xml_node root, const char* name);
/// Appends <metadata> with an empty element of this name in our namespace.
pugi::xml_node append_metadata(pugi::xml_node root, const char* name);

void write_edits(pugi::xml_node metadata, const std::vector<model::XmlEdit>& edits);
std::vector<model::XmlEdit> read_edits(pugi::xml_node metadata);

}  // namespace vmtool::xml
