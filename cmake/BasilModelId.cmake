# basil_model_id(TARGET)
#
# Compiles into TARGET the hash of what decides results, see models/presets/build_id.h: the sources of the rooms up to
# the models, and their tables. What only shows results, and the tests, are left out. The hash is of names and
# contents alone, so the same commit has the same one on every machine, by every compiler.
function(basil_model_id target)
  set(files "")
  foreach(room core traces pe memory dataflows models)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${room}/*.h
         ${PROJECT_SOURCE_DIR}/${room}/*.cpp ${PROJECT_SOURCE_DIR}/${room}/*.yaml)
    list(APPEND files ${found})
  endforeach()
  list(FILTER files EXCLUDE REGEX "_test\\.cpp$|/testing/|report|/inspect|^models/(waveform|processes|study)/")
  list(APPEND files models/study/store/figures.h models/study/store/figures.cpp)
  list(SORT files)
  set(list_file ${CMAKE_CURRENT_BINARY_DIR}/model_files.txt)
  list(JOIN files "\n" text)
  file(CONFIGURE OUTPUT ${list_file} CONTENT "${text}\n" @ONLY)
  list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/model_id.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D LIST=${list_file} -D ROOT=${PROJECT_SOURCE_DIR} -D OUT=${source} -P
            ${PROJECT_SOURCE_DIR}/cmake/model_id.cmake
    DEPENDS ${files} ${list_file} ${PROJECT_SOURCE_DIR}/cmake/model_id.cmake
    COMMENT "Hashing what decides results")
  target_sources(${target} PRIVATE ${source})
endfunction()
