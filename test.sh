#!/usr/bin/env bash
# Builds Basil and runs all its tests: see usage.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: ./test.sh [--full]
       ./test.sh --mutants [NAME...]

Installs the Debian packages that are missing (as root; else prints the line to run), builds the
release preset and runs every test by CTest, whose summary comes last.

  --full     longer checks (BASIL_FULL=1), and before the release preset, which takes the machine's usual compiler
             (GCC on Debian): debug (ASan and UBSan), clang, and coverage, whose figures are printed
  --mutants  instead: makes one wrong line at a time in a copy of the sources (those of testbenches/mutants/, or
             the ones whose names match) and demands that a test fails; takes long
  --help     this text

examples: ./test.sh --full
          ./test.sh --mutants 'memory: *'
TEXT
}

full=
mutants=
names=()
for argument in "$@"; do
  case "$argument" in
    --mutants) mutants=1 ;;
    --full) full=1 ;;
    --help | -h) usage; exit 0 ;;
    *)
      if [[ -z "$mutants" || "$argument" == -* ]]; then
        echo "test.sh: found $argument, expected --full, --mutants or --help" >&2
        exit 2
      fi
      names+=("$argument") ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")"
source .ci/setup.sh
install_missing "${build_packages[@]}" "${test_packages[@]}"
install_node_tools
[[ -z "$mutants" ]] || exec python3 testbenches/mutants/run.py "${names[@]}"

build_and_test() {
  cmake --preset "$1"
  cmake --build --preset "$1"
  ctest --preset "$1"
}

if [[ -n "$full" ]]; then
  install_missing "${full_packages[@]}"
  build_and_test coverage
  .ci/coverage
  export BASIL_FULL=1
  build_and_test clang
  build_and_test debug
fi
build_and_test release
