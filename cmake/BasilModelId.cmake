# basil_model_id(TARGET [FOLDER...])
#
# Compiles into TARGET the hash of what decides results, see models/presets/build_id.h: the sources of the rooms up to
# the models, and their tables. What only shows results, and the tests, are left out. The hash is of names and
# contents alone, so the same commit has the same one on every machine, by every compiler. What the folders (and those
# of BASIL_EXTRA) add to the rooms counts too.
function(basil_model_id target)
  set(files "")
  foreach(room core traces pe memory dataflows models)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${BASIL_ROOT}
         ${BASIL_ROOT}/${room}/*.h ${BASIL_ROOT}/${room}/*.cpp ${BASIL_ROOT}/${room}/*.yaml)
    list(APPEND files ${found})
  endforeach()
  list(FILTER files EXCLUDE REGEX
       "_test\\.cpp$|/testing/|report|/inspect|^models/(waveform|processes|study)/")
  list(APPEND files models/study/store/figures.h models/study/store/figures.cpp)
  list(SORT files)
  set(extra "")
  foreach(folder IN LISTS BASIL_EXTRA ARGN)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.h ${folder}/*.cpp)
    list(FILTER found EXCLUDE REGEX "_test\\.cpp$")
    list(APPEND extra ${found})
  endforeach()
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_files.txt)
  set(names ${files} ${extra})
  list(JOIN names "\n" text)
  file(CONFIGURE OUTPUT ${list_file} CONTENT "${text}\n" @ONLY)
  list(TRANSFORM files PREPEND ${BASIL_ROOT}/)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_id.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D LIST=${list_file} -D ROOT=${BASIL_ROOT} -D OUT=${source} -P
            ${BASIL_ROOT}/cmake/model_id.cmake
    DEPENDS ${files} ${extra} ${list_file} ${BASIL_ROOT}/cmake/model_id.cmake
    COMMENT "Hashing what decides results")
  target_sources(${target} PRIVATE ${source})
endfunction()
