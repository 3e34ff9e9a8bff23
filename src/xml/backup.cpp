#include "xml/backup.hpp"

#include "xml/document.hpp"

namespace vmtool::xml {

std::string write_backup(const std::vector<BackupDisk>& disks) {
  pugi::xml_document document;
  pugi::xml_node backup = append(document, "domainbackup");
  set(backup, "mode", "push");
  pugi::xml_node list = append(backup, "disks");
  for (const BackupDisk& disk : disks) {
    pugi::xml_node node = append(list, "disk");
    set(node, "name", disk.target);
    set(node, "backup", "yes");
    set(node, "type", "file");
    set(append(node, "target"), "file", disk.path);
    set(append(node, "driver"), "type", disk.format);
  }
  return serialize(backup);
}

}  // namespace vmtool::xml
