# What a preset switches on: sanitizers, coverage or fuzzing, for every target alike.
set(VMTOOL_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined")
option(VMTOOL_COVERAGE "Count executed lines with gcov" OFF)
option(VMTOOL_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

add_library(vmtool_build_type INTERFACE)
if(VMTOOL_SANITIZE)
  target_compile_options(vmtool_build_type INTERFACE
    -fsanitize=${VMTOOL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(vmtool_build_type INTERFACE -fsanitize=${VMTOOL_SANITIZE})
endif()
if(VMTOOL_SANITIZE MATCHES "address")
  # AddressSanitizer looks up the functions behind its interceptors when a program starts, and a call of one that it did not find jumps to
  # null. libvirt, which is opened later, brings libtirpc, whose functions are intercepted: so that library is there from the start.
  find_library(VMTOOL_LIBTIRPC NAMES libtirpc.so.3 REQUIRED)
  target_link_options(vmtool_build_type INTERFACE "LINKER:--no-as-needed,${VMTOOL_LIBTIRPC},--as-needed")
endif()
if(VMTOOL_COVERAGE)
  target_compile_options(vmtool_build_type INTERFACE --coverage)
  target_link_options(vmtool_build_type INTERFACE --coverage)
endif()
if(VMTOOL_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "VMTOOL_FUZZ needs clang: configure with the 'fuzz' preset")
  endif()
  # Every room is instrumented for coverage; only the fuzz targets link the driver.
  target_compile_options(vmtool_build_type INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(vmtool_build_type INTERFACE -fsanitize=fuzzer-no-link)
endif()
