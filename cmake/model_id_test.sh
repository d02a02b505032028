#!/usr/bin/env bash
# model_id_test.sh CMAKE SOURCES MADE: by g++ and by clang++ the hash of what decides results is the one that MADE,
# the source that this build made of it, has. Configures for each, which lists the files, and hashes them.
# Exit code 77: a compiler is not there.
set -eu
cmake="$1" sources="$2" made="$3"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

id() {
  grep -o '"[0-9a-f]\{40\}"' "$1"
}

for compiler in g++ clang++; do
  command -v "$compiler" > /dev/null || { echo "skipped: no $compiler"; exit 77; }
done
for compiler in g++ clang++; do
  "$cmake" -S "$sources" -B "$work/$compiler" -G Ninja -D CMAKE_CXX_COMPILER="$compiler" -D BASIL_TESTS=OFF \
    > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  "$cmake" -D LIST="$work/$compiler/models/basil_models_files.txt" -D ROOT="$sources" -D OUT="$work/id.cpp" \
    -P "$sources/cmake/model_id.cmake" # as the build does, but without what it builds before
  echo "$compiler: $(id "$work/id.cpp")"
  [ "$(id "$work/id.cpp")" = "$(id "$made")" ] || { echo "expected $(id "$made")"; exit 1; }
done
