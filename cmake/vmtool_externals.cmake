# Where each external library comes from. A room names the ones it uses in vmtool_room(EXTERNAL …);
# the layering test fails where a header of one is included outside of its room.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)

# fmt is allowed everywhere. The shared library: header-only, every file would compile all of fmt again.
# A static program (property VMTOOL_STATIC) takes an archive made of the headers, because Debian has none.
add_library(vmtool_fmt_static STATIC EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/src/fmt_static.cpp")
add_library(vmtool_ext_fmt INTERFACE)
target_link_libraries(vmtool_ext_fmt INTERFACE
  $<IF:$<BOOL:$<TARGET_PROPERTY:VMTOOL_STATIC>>,vmtool_fmt_static,fmt::fmt>)

# vmtool_external(<name> HEADERS <include>... PKG <pkg-config module>... | LINK <cmake target or library>
#                 [HEADERS_ONLY])
#   HEADERS: the spellings after `#include <` that belong to the library (a prefix ending in / or a whole name).
#   HEADERS_ONLY: compile against it, never link it (libvirt is opened at run time).
function(vmtool_external name)
  cmake_parse_arguments(EXT "HEADERS_ONLY" "LINK" "PKG;HEADERS" ${ARGN})
  add_library(vmtool_ext_${name} INTERFACE)
  if(EXT_PKG)
    pkg_check_modules(VMTOOL_EXT_${name} REQUIRED IMPORTED_TARGET ${EXT_PKG})
    if(EXT_HEADERS_ONLY)
      target_include_directories(vmtool_ext_${name} SYSTEM INTERFACE ${VMTOOL_EXT_${name}_INCLUDE_DIRS})
    else()
      target_link_libraries(vmtool_ext_${name} INTERFACE PkgConfig::VMTOOL_EXT_${name})
    endif()
  elseif(EXT_LINK)
    target_link_libraries(vmtool_ext_${name} INTERFACE ${EXT_LINK})
  endif()
  set_property(GLOBAL PROPERTY VMTOOL_EXT_HEADERS_${name} "${EXT_HEADERS}")
  set_property(GLOBAL APPEND PROPERTY VMTOOL_EXTERNALS ${name})
endfunction()

find_package(yaml-cpp REQUIRED)
# libmd and libseccomp by name, not by pkg-config's path: a static program takes the archive.
vmtool_external(libmd    HEADERS sha2.h LINK md)
vmtool_external(yaml-cpp HEADERS yaml-cpp/ LINK yaml-cpp)
vmtool_external(pugixml  HEADERS pugixml.hpp LINK pugixml)
vmtool_external(libvirt  HEADERS libvirt/ PKG libvirt HEADERS_ONLY)
vmtool_external(libseccomp HEADERS seccomp.h LINK seccomp)
vmtool_external(cli11    HEADERS CLI/)
vmtool_external(json     HEADERS nlohmann/)
vmtool_external(libxml2  HEADERS libxml/ PKG libxml-2.0)  # tests only: libvirt's schemas
vmtool_external(libext2fs HEADERS ext2fs/ et/ PKG ext2fs com_err)
vmtool_external(libblkid HEADERS blkid/ PKG blkid)
vmtool_external(libarchive HEADERS archive.h archive_entry.h PKG libarchive HEADERS_ONLY)
vmtool_external(libnbd   HEADERS libnbd.h PKG libnbd)
