# SystemC::systemc, from Accellera's own CMake package where there is one, else from pkg-config
# (Debian's libsystemc-dev ships systemc.pc only).
find_package(SystemCLanguage QUIET CONFIG)
if(TARGET SystemC::systemc)
  set(SystemC_FOUND TRUE)
else()
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(PC_SYSTEMC QUIET IMPORTED_TARGET systemc)
  endif()
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(SystemC REQUIRED_VARS PC_SYSTEMC_LIBRARIES VERSION_VAR PC_SYSTEMC_VERSION)
  if(SystemC_FOUND AND NOT TARGET SystemC::systemc)
    add_library(SystemC::systemc INTERFACE IMPORTED)
    target_link_libraries(SystemC::systemc INTERFACE PkgConfig::PC_SYSTEMC)
    # The library carries the ABI tag of C++17; our units are C++20 and say so here, once.
    target_compile_definitions(SystemC::systemc INTERFACE SC_CPLUSPLUS=201703L)
  endif()
endif()
