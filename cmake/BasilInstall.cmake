# `cmake --install`: the command, and the rooms as a package: find_package(basil), then link basil::basil.
include(CMakePackageConfigHelpers)

set(basil_rooms core traces pe memory dataflows models)
set(basil_package ${CMAKE_INSTALL_LIBDIR}/cmake/basil)
target_compile_features(basil_core PUBLIC cxx_std_20)

install(TARGETS basil DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(library core core_systemc traces onnx pe memory dataflows models sc_main_stub)
  set_target_properties(basil_${library} PROPERTIES EXPORT_NAME ${library})
  install(TARGETS basil_${library} EXPORT basil ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/basil
          OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/basil)
endforeach()
install(EXPORT basil NAMESPACE basil:: FILE basil-targets.cmake DESTINATION ${basil_package})
install(
  DIRECTORY ${basil_rooms}
  DESTINATION ${basil_headers}
  FILES_MATCHING
  PATTERN "*.h"
  PATTERN testing EXCLUDE)

configure_package_config_file(cmake/basil-config.cmake.in ${PROJECT_BINARY_DIR}/basil-config.cmake
                              INSTALL_DESTINATION ${basil_package})
# Before 1.0 a minor version may change what a caller sees.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/basil-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/basil-config.cmake ${PROJECT_BINARY_DIR}/basil-config-version.cmake
              cmake/FindSystemC.cmake cmake/Findlibzip.cmake DESTINATION ${basil_package})
# What the command says of itself, as it is installed.
set(basil_pages ${PROJECT_BINARY_DIR}/pages)
file(MAKE_DIRECTORY ${basil_pages}/man1)
set(of_basil "execute_process(COMMAND \"$<TARGET_FILE:basil>\"")
install(CODE "${of_basil} man --into \"${basil_pages}/man1\" COMMAND_ERROR_IS_FATAL ANY)
              ${of_basil} completion bash OUTPUT_FILE \"${basil_pages}/basil\" COMMAND_ERROR_IS_FATAL ANY)
              ${of_basil} completion zsh OUTPUT_FILE \"${basil_pages}/_basil\" COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY ${basil_pages}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR})
install(FILES ${basil_pages}/basil DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${basil_pages}/_basil DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
