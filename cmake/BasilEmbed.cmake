# basil_embed(TARGET FOLDER...)
#
# Compiles every *.yaml of the folders (relative to the project) into TARGET as one table of
# {folder's last name, file's stem, text}, see models/presets/embedded.h. A new or changed file reconfigures
# the build by itself.
function(basil_embed target)
  set(BASIL_EMBEDDED_ENTRIES "")
  foreach(folder IN LISTS ARGN)
    file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.yaml")
    get_filename_component(folder_name "${folder}" NAME)
    foreach(file IN LISTS files)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
      get_filename_component(stem "${file}" NAME_WLE)
      file(READ "${file}" text)
      string(APPEND BASIL_EMBEDDED_ENTRIES
             "    {\"${folder_name}\", \"${stem}\", R\"BasilYaml(${text})BasilYaml\"},\n")
    endforeach()
  endforeach()
  set(table "${CMAKE_CURRENT_BINARY_DIR}/embedded_table.cpp")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded.cpp.in" "${table}" @ONLY)
  target_sources(${target} PRIVATE "${table}")
endfunction()

# basil_embed_text(TARGET TABLE FILE...)
#
# Compiles text files (paths relative to the project) into TARGET as the function TABLE() of {folder's last
# name, file's name, text}. A file that is not there is left out, and the build looks again when it appears.
function(basil_embed_text target table)
  set(BASIL_EMBEDDED_TABLE ${table})
  set(BASIL_EMBEDDED_ENTRIES "")
  foreach(path IN LISTS ARGN)
    file(GLOB file CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${path}")
    if(NOT file)
      continue()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(folder "${path}" DIRECTORY)
    get_filename_component(folder_name "${folder}" NAME)
    get_filename_component(name "${path}" NAME)
    file(READ "${file}" text)
    string(APPEND BASIL_EMBEDDED_ENTRIES
           "    {\"${folder_name}\", \"${name}\", R\"BasilText(${text})BasilText\"sv},\n")
  endforeach()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${table}.cpp")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/embedded_text.cpp.in" "${source}" @ONLY)
  target_sources(${target} PRIVATE "${source}")
endfunction()
