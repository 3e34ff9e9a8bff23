# vmtool_fuzz(<name> [ROOMS <room>...])
#
# Makes <name>.cpp of the calling folder a libFuzzer program in the fuzz preset, and nothing in the others. Its test
# (label fuzz) runs for $VMTOOL_FUZZ_SECONDS, 10 where that is not set, from the inputs in seeds/<name>/ and from what
# earlier runs found. The target `fuzzers` builds all of them.
function(vmtool_fuzz name)
  if(NOT VMTOOL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(FUZZ "" "" "ROOMS" ${ARGN})
  add_executable(${name} ${name}.cpp)
  target_link_libraries(${name} PRIVATE vmtool_warnings vmtool_build_type)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  foreach(room IN LISTS FUZZ_ROOMS)
    target_link_libraries(${name} PRIVATE vmtool_${room})
  endforeach()
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})

  set(corpora "${CMAKE_CURRENT_BINARY_DIR}/corpus/${name}")
  file(MAKE_DIRECTORY "${corpora}")
  if(IS_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name}")
    list(APPEND corpora "${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name}")
  endif()
  add_test(NAME ${name} COMMAND sh -c
    "exec \"$@\" -max_total_time=\"\${VMTOOL_FUZZ_SECONDS:-10}\" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1"
    sh $<TARGET_FILE:${name}> -artifact_prefix=${CMAKE_CURRENT_BINARY_DIR}/ ${corpora})
  set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 86400)
endfunction()
