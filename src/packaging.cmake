# What an installation holds: the program, and for those who build on it the static library, its headers and a CMake
# package. `cpack` makes a .tar.gz of all of it and two .deb packages.
include(CMakePackageConfigHelpers)

install(TARGETS paramcount RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

install(TARGETS paramcount_lib EXPORT paramcount-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY include/paramcount ${PROJECT_BINARY_DIR}/include/paramcount
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.hpp")
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/paramcount)
install(EXPORT paramcount-targets NAMESPACE paramcount:: DESTINATION ${package_folder} COMPONENT development)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/paramcount-config-version.cmake COMPATIBILITY SameMinorVersion)
file(WRITE ${PROJECT_BINARY_DIR}/paramcount-config.cmake
  "include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\n"
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/paramcount-targets.cmake\")\n")
install(FILES ${PROJECT_BINARY_DIR}/paramcount-config.cmake ${PROJECT_BINARY_DIR}/paramcount-config-version.cmake
  DESTINATION ${package_folder} COMPONENT development)

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_CONTACT "the paramcount authors")
set(CPACK_PACKAGE_VENDOR paramcount)
set(CPACK_STRIP_FILES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_SOURCE_IGNORE_FILES /build "/[.]git/")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME paramcount)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libparamcount-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION ${PROJECT_DESCRIPTION})
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "${PROJECT_DESCRIPTION}: static library, headers, CMake package")
include(CPack)
