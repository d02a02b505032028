# Compiler settings shared by every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Warnings are errors where CI has shown that there are none: with Debian 12's compilers. A newer one may know more
# of them, which is no reason for a user's build to fail.
set(BASIL_WERROR_DEFAULT OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(BASIL_WERROR_DEFAULT ON)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
  set(BASIL_WERROR_DEFAULT ON)
endif()
option(BASIL_WERROR "Take warnings for errors" ${BASIL_WERROR_DEFAULT})

option(BASIL_UNITY "Compile the sources of a folder together" ON)
add_library(basil_settings INTERFACE)
# Sources compiled together see each other's names: shadowing those is no fault.
set(shadow -Wshadow)
if(BASIL_UNITY)
  set(shadow $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wno-shadow>)
endif()
target_compile_options(basil_settings INTERFACE -Wall -Wextra ${shadow} -Wpedantic
                                                $<$<BOOL:${BASIL_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: "a" + std::string at -O3 is taken for an overlapping copy.
  target_compile_options(basil_settings INTERFACE -Wno-restrict)
endif()
target_include_directories(basil_settings INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)

if(BASIL_SANITIZE)
  # "undefined" holds signed overflow; a double too large for the integer it is cast to is a check of its own.
  set(sanitizers address,undefined,float-cast-overflow)
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=undefined,float-cast-overflow
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${sanitizers})
endif()

if(BASIL_COVERAGE)
  # Children of a run count too, so that counters are written one at a time.
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
