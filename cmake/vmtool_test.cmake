# vmtool_test(<name> LABEL unit|golden|integration|e2e [ROOMS <room>...] [EXTERNAL <library>...] [TIMEOUT <seconds>]
#             [CELL hybrid|v1])
#
# CELL: it runs containers, in a cell of cgroups (tests/support/cell.sh), and talks to no libvirtd.
# Makes every *_test.cpp of the calling folder one GoogleTest program. A test whose need is missing on this
# host skips with its reason (exit by GTEST_SKIP); VMTOOL_REQUIRE=<needs> turns that skip into a failure.
find_package(GTest REQUIRED)

function(vmtool_test name)
  cmake_parse_arguments(TEST "" "LABEL;TIMEOUT;CELL" "ROOMS;EXTERNAL" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp")
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE vmtool_test_support vmtool_build_type GTest::gmock GTest::gtest GTest::gtest_main)
  foreach(room IN LISTS TEST_ROOMS)
    target_link_libraries(${name} PRIVATE vmtool_${room})
  endforeach()
  foreach(external IN LISTS TEST_EXTERNAL)
    target_link_libraries(${name} PRIVATE vmtool_ext_${external})
  endforeach()
  target_precompile_headers(${name} REUSE_FROM vmtool_test_support)
  # What a preset builds when it runs only some labels.
  if(NOT TARGET tests-${TEST_LABEL})
    add_custom_target(tests-${TEST_LABEL} DEPENDS vmtool)
  endif()
  add_dependencies(tests-${TEST_LABEL} ${name})
  if(TEST_CELL)
    add_test(NAME ${name} COMMAND "${PROJECT_SOURCE_DIR}/tests/support/cell.sh" ${TEST_CELL} ${name} $<TARGET_FILE:${name}>)
    add_dependencies(${name} isolate)
  else()
    add_test(NAME ${name} COMMAND ${name})
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${TEST_TIMEOUT}
    ENVIRONMENT "VMTOOL_SOURCE_DIR=${PROJECT_SOURCE_DIR};VMTOOL_BUILD_DIR=${PROJECT_BINARY_DIR};VMTOOL_PROGRAM=$<TARGET_FILE:vmtool>;VMTOOL_ISOLATE=$<TARGET_FILE:isolate>")
  # What talks to the one libvirtd of the host, or boots guests on it, runs alone.
  if(TEST_LABEL MATCHES "integration|e2e" AND NOT TEST_CELL)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK libvirtd)
  endif()
endfunction()
