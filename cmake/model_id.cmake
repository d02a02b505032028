# cmake -D LIST=FILE -D ROOT=FOLDER -D OUT=FILE -P model_id.cmake: the hash of the files that LIST names, as a source.
# Those with a whole path, which lie outside ROOT, count by their file's name.
file(STRINGS ${LIST} names)
set(all "")
foreach(name IN LISTS names)
  get_filename_component(path ${name} ABSOLUTE BASE_DIR ${ROOT})
  file(SHA256 ${path} hash)
  if(IS_ABSOLUTE ${name})
    get_filename_component(name ${name} NAME)
  endif()
  string(APPEND all "${name} ${hash}\n")
endforeach()
string(SHA1 id "${all}")
set(source
    [[#include "models/presets/build_id.h"

namespace basil {
std::string build_id() { return "@id@"; }
}  // namespace basil
]])
file(CONFIGURE OUTPUT ${OUT} CONTENT "${source}" @ONLY)
