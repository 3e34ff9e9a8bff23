install(TARGETS vmtool isolate RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS vmtool-identity vmtool-identity-guest vmtool-image RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/vmtool")
install(DIRECTORY templates networks DESTINATION "${CMAKE_INSTALL_DATADIR}/vmtool")

# The engine for other programs: two archives, their headers, and a package for find_package(vmtool-isolation).
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vmtool-isolation")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/vmtool-isolationConfig.cmake.in" "${CMAKE_BINARY_DIR}/vmtool-isolationConfig.cmake"
  INSTALL_DESTINATION "${package_dir}" PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/vmtool-isolationConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(TARGETS vmtool_isolation vmtool_util ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT isolation)
install(DIRECTORY src/isolation src/util DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/vmtool" COMPONENT isolation FILES_MATCHING PATTERN "*.hpp")
install(FILES "${CMAKE_BINARY_DIR}/vmtool-isolationConfig.cmake" "${CMAKE_BINARY_DIR}/vmtool-isolationConfigVersion.cmake"
  DESTINATION "${package_dir}" COMPONENT isolation)
install(FILES systemd/vmtool-autostart.service DESTINATION lib/systemd/system)
