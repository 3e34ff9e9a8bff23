# vmtool_room(<name> [USES <room>...] [EXTERNAL <library>...] [APART])
#
# APART: each file is compiled alone in every preset, so that a program which calls a part of the room does not link the
# libraries of the rest.
# Makes src/<name>/*.cpp a static library. USES names the rooms whose headers it may include (transitively),
# EXTERNAL the libraries that are its own. Both are written to layering.txt, which tests/unit/layering reads.
function(vmtool_room name)
  cmake_parse_arguments(ROOM "APART" "" "USES;EXTERNAL" ${ARGN})
  list(JOIN ROOM_USES "," uses)
  list(JOIN ROOM_EXTERNAL "," externals)
  set_property(GLOBAL APPEND_STRING PROPERTY VMTOOL_LAYERING "room\t${name}\t${uses}\t${externals}\n")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  add_library(vmtool_${name} STATIC ${sources})
  if(ROOM_APART)
    set_target_properties(vmtool_${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_include_directories(vmtool_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(vmtool_${name}
    PUBLIC vmtool_ext_fmt
    PRIVATE vmtool_warnings vmtool_build_type)
  foreach(room IN LISTS ROOM_USES)
    target_link_libraries(vmtool_${name} PUBLIC vmtool_${room})
  endforeach()
  foreach(external IN LISTS ROOM_EXTERNAL)
    target_link_libraries(vmtool_${name} PRIVATE vmtool_ext_${external})
  endforeach()
  # Reading the standard library takes most of the time of a small file: it is read once, for all rooms.
  if(TARGET vmtool_util AND NOT name STREQUAL "util")
    target_precompile_headers(vmtool_${name} REUSE_FROM vmtool_util)
  else()
    target_precompile_headers(vmtool_${name} PRIVATE <algorithm> <array> <chrono> <filesystem> <functional> <map> <memory>
      <optional> <string> <string_view> <utility> <vector> <fmt/format.h>)
  endif()
endfunction()

# Writes the declared layering to <build>/layering.txt; called once, after every room is declared.
function(vmtool_write_layering)
  get_property(text GLOBAL PROPERTY VMTOOL_LAYERING)
  get_property(externals GLOBAL PROPERTY VMTOOL_EXTERNALS)
  foreach(external IN LISTS externals)
    get_property(headers GLOBAL PROPERTY VMTOOL_EXT_HEADERS_${external})
    list(JOIN headers "," headers)
    string(APPEND text "external\t${external}\t${headers}\n")
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/layering.txt" CONTENT "${text}" @ONLY)
endfunction()
