# libzip::zip from pkg-config. The CMake package in Debian's libzip-dev refuses to load unless the
# command-line tools (zipcmp, zipmerge, ziptool) are installed too, which Basil has no use for.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(PC_LIBZIP QUIET IMPORTED_TARGET libzip)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libzip REQUIRED_VARS PC_LIBZIP_LINK_LIBRARIES VERSION_VAR PC_LIBZIP_VERSION)
if(libzip_FOUND AND NOT TARGET libzip::zip)
  add_library(libzip::zip INTERFACE IMPORTED)
  target_link_libraries(libzip::zip INTERFACE PkgConfig::PC_LIBZIP)
endif()
