# What can be added is one file or folder that defines a constant: the build finds it, here and in the folders of
# BASIL_EXTRA, and gathers it into a table. Nothing else names it.
set(BASIL_EXTRA "" CACHE STRING "Folders laid out like this one whose units, encodings, ... are built in too")

# basil_check_symbol(SOURCE TYPE SYMBOL): the file defines `const TYPE SYMBOL`, and SYMBOL can stand in C++.
function(basil_check_symbol source type symbol)
  if(NOT symbol MATCHES "^[a-z][a-z0-9_]*$")
    message(
      FATAL_ERROR
        "${source}: its name would make the symbol '${symbol}', expected small letters, digits and _ alone")
  endif()
  file(READ ${source} text)
  if(NOT text MATCHES "const ${type} ([A-Za-z0-9_]+)[{ ;]")
    message(FATAL_ERROR "${source}: no ${type}, expected 'const ${type} ${symbol}'")
  endif()
  if(NOT CMAKE_MATCH_1 STREQUAL symbol)
    message(FATAL_ERROR "${source}: defines ${CMAKE_MATCH_1}, expected ${symbol} as its name says")
  endif()
endfunction()

# basil_table(FILE TYPE SUFFIX HEADER FUNCTION SOURCE...): writes the table of the constants that the sources
# define, <stem>_SUFFIX each; the stem is the file's, or its folder's where the file is called SUFFIX.cpp.
function(basil_table table type suffix header function)
  set(BASIL_TYPE ${type})
  set(BASIL_HEADER ${header})
  set(BASIL_FUNCTION ${function})
  set(BASIL_DECLARATIONS "")
  set(BASIL_ENTRIES "")
  set(entries "")
  foreach(source IN LISTS ARGN)
    get_filename_component(stem ${source} NAME_WE)
    if(stem STREQUAL suffix)
      get_filename_component(folder ${source} DIRECTORY)
      get_filename_component(stem ${folder} NAME)
    endif()
    basil_check_symbol(${source} ${type} ${stem}_${suffix})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    list(APPEND entries ${stem}_${suffix})
  endforeach()
  list(SORT entries)
  foreach(entry IN LISTS entries)
    string(APPEND BASIL_DECLARATIONS "extern const ${type} ${entry};\n")
    string(APPEND BASIL_ENTRIES "      &${entry},\n")
  endforeach()
  configure_file(${BASIL_TABLE_TEMPLATE} ${table} @ONLY)
endfunction()
set(BASIL_TABLE_TEMPLATE ${CMAKE_CURRENT_LIST_DIR}/table.cpp.in)
get_filename_component(BASIL_ROOT ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)

# basil_sources(RESULT PATTERN TYPE FOLDER...): the files of the folders that match PATTERN and define a
# `const TYPE`.
function(basil_sources result pattern type)
  set(found "")
  foreach(folder IN LISTS ARGN)
    file(GLOB sources CONFIGURE_DEPENDS ${folder}/${pattern})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    foreach(source IN LISTS sources)
      file(STRINGS ${source} lines REGEX "const ${type} [A-Za-z0-9_]+[{ ;]")
      if(lines OR NOT pattern MATCHES "\\*\\.cpp$")
        list(APPEND found ${source})
      endif()
    endforeach()
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# The kinds of thing that can be added, by the top room whose library has their table:
# PATTERN|TYPE|SUFFIX|HEADER|FUNCTION.
set(BASIL_TABLE_ROOMS traces pe memory models)
set(BASIL_KINDS_traces
    "traces/encodings/*.cpp|EncodingType|encoding|traces/encodings/encoding.h|encoding_types"
    "traces/compress/*.cpp|RecipeStepType|step|traces/compress/recipe.h|recipe_step_types")
set(BASIL_KINDS_pe "pe/*/unit.cpp|UnitType|unit|pe/unit.h|unit_types")
set(BASIL_KINDS_models
    "models/dataflows/*.cpp|DataflowType|dataflow|models/description/dataflow_type.h|dataflow_types")
set(BASIL_KINDS_memory "memory/off_chip/*.cpp|MemoryType|memory|memory/off_chip/memory_type.h|memory_types")

# basil_kind_tables(ROOM FOLDER ROOT...): writes the room's tables, of what the roots have, to FOLDER, and sets
# BASIL_TABLES to them.
function(basil_kind_tables room folder)
  set(tables "")
  foreach(kind IN LISTS BASIL_KINDS_${room})
    string(REPLACE "|" ";" kind "${kind}")
    list(POP_FRONT kind pattern type suffix header function)
    basil_sources(sources "${pattern}" ${type} ${ARGN})
    basil_table(${folder}/${function}.cpp ${type} ${suffix} ${header} ${function} ${sources})
    list(APPEND tables ${folder}/${function}.cpp)
  endforeach()
  set(BASIL_TABLES ${tables} PARENT_SCOPE)
endfunction()

# basil_extra_sources(RESULT ROOM FOLDER...): what the folders add to a room.
function(basil_extra_sources result room)
  set(all "")
  foreach(folder IN LISTS ARGN)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/${room}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(APPEND all ${sources})
  endforeach()
  set(${result} ${all} PARENT_SCOPE)
endfunction()

# basil_room_tables(ROOM): the room's tables, and what BASIL_EXTRA adds to it, go into its library.
function(basil_room_tables room)
  basil_kind_tables(${room} ${CMAKE_CURRENT_BINARY_DIR} ${BASIL_ROOT} ${BASIL_EXTRA})
  basil_extra_sources(sources ${room} ${BASIL_EXTRA})
  target_sources(basil_${room} PRIVATE ${BASIL_TABLES} ${sources})
  target_include_directories(basil_${room} PRIVATE ${BASIL_EXTRA})
endfunction()

# basil_extra(NAME [FOLDER...]): what a program links, before the rooms' libraries, to have what the folders and those of
# BASIL_EXTRA add: objects of their sources, of the tables with them, and of the id that tells their results from
# others. The libraries' own tables then stay in their archives.
function(basil_extra name)
  set(all "")
  set(folders ${BASIL_EXTRA} ${ARGN})
  foreach(room IN LISTS BASIL_TABLE_ROOMS)
    basil_kind_tables(${room} ${CMAKE_CURRENT_BINARY_DIR}/${name} ${BASIL_ROOT} ${folders})
    basil_extra_sources(sources ${room} ${folders})
    list(APPEND all ${BASIL_TABLES} ${sources})
  endforeach()
  add_library(${name} OBJECT ${all})
  basil_model_id(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${folders})
  target_link_libraries(${name} PUBLIC basil_testbenches PRIVATE basil_settings)
endfunction()
