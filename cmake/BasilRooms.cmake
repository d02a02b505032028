# Where headers are installed: includes name rooms, such as "models/simulate.h", so they get a folder of their own.
set(basil_headers ${CMAKE_INSTALL_INCLUDEDIR}/basil)

# basil_unite(TARGET [ALONE regex]): has the sources of a folder compiled together, eight at a time, which reads their
# headers once: 0.6 of the CPU time from nothing. For small changes, BASIL_UNITY=OFF compiles less. Sources whose
# path matches ALONE, such as those of a table, where each has functions of the same names, are left alone.
function(basil_unite target)
  cmake_parse_arguments(UNITE "" "ALONE" "" ${ARGN})
  if(NOT BASIL_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "^[a-z_/0-9]+\\.cpp$" OR (UNITE_ALONE AND source MATCHES "${UNITE_ALONE}"))
      continue()
    endif()
    get_filename_component(folder ${source} DIRECTORY)
    string(REPLACE "/" "_" folder "in_${folder}")
    if(NOT DEFINED count_${folder})
      set(count_${folder} 0)
    endif()
    math(EXPR batch "${count_${folder}} / 8")
    math(EXPR count_${folder} "${count_${folder}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${batch})
  endforeach()
endfunction()

# basil_room(NAME [EXCLUDE regex] [TESTS_OF regex] [ALONE regex] [LINK libs...] [TEST_LINK libs...])
#
# One room of the project is one static library `basil_NAME` made of the .cpp files of its folder
# (tests and benchmarks excluded), and one test program `NAME_tests` made of its *_test.cpp files.
# Paths below the folder that match EXCLUDE belong to neither, those that match TESTS_OF to the tests alone; the
# path to the folder itself does not count. ALONE is basil_unite's.
function(basil_room name)
  cmake_parse_arguments(ROOM "" "EXCLUDE;TESTS_OF;ALONE" "LINK;TEST_LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cpp)
  if(ROOM_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${ROOM_EXCLUDE}")
  endif()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(ROOM_TESTS_OF)
    list(FILTER sources EXCLUDE REGEX "${ROOM_TESTS_OF}")
  endif()
  if(sources)
    add_library(basil_${name} STATIC ${sources})
    target_link_libraries(basil_${name} PUBLIC ${ROOM_LINK} PRIVATE $<BUILD_INTERFACE:basil_settings>)
    target_include_directories(basil_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                    $<INSTALL_INTERFACE:${basil_headers}>)
    basil_unite(basil_${name} ALONE "${ROOM_ALONE}")
    set(library basil_${name})
  else()
    add_library(basil_${name} INTERFACE)
    target_link_libraries(basil_${name} INTERFACE ${ROOM_LINK})
    target_include_directories(basil_${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                       $<INSTALL_INTERFACE:${basil_headers}>)
    set(library basil_${name})
  endif()
  if(BASIL_TESTS AND tests)
    basil_test(${name}_tests SOURCES ${tests} ALONE "${ROOM_ALONE}" LINK ${library} ${ROOM_TEST_LINK})
  endif()
endfunction()

# basil_test(NAME SOURCES files... [ALONE regex] LINK libs...): one program, each TEST its own process, because
# SystemC elaborates once in a process.
function(basil_test name)
  cmake_parse_arguments(TEST "" "ALONE" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  basil_unite(${name} ALONE "${TEST_ALONE}")
  target_link_libraries(${name} PRIVATE ${TEST_LINK} basil_sc_main_stub basil_test_seed rapidcheck
                                        GTest::gtest GTest::gtest_main basil_settings)
  target_compile_definitions(${name} PRIVATE BASIL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 ENVIRONMENT "ASAN_OPTIONS=detect_stack_use_after_return=0")
endfunction()
