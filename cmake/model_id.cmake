# cmake -D LIST=FILE -D ROOT=FOLDER -D OUT=FILE -P model_id.cmake: the hash of the files that LIST names, as a source.
file(STRINGS ${LIST} names)
set(all "")
foreach(name IN LISTS names)
  file(SHA256 ${ROOT}/${name} hash)
  string(APPEND all "${name} ${hash}\n")
endforeach()
string(SHA1 id "${all}")
file(CONFIGURE OUTPUT ${OUT} CONTENT
     "#include \"models/presets/build_id.h\"\n\nnamespace basil {\nstd::string build_id() { return \"@id@\"; }\n}  // namespace basil\n"
     @ONLY)
