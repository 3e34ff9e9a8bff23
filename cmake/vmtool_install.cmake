install(TARGETS vmtool isolate RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS vmtool-identity vmtool-identity-guest RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/vmtool")
install(DIRECTORY templates networks DESTINATION "${CMAKE_INSTALL_DATADIR}/vmtool")
