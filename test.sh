#!/usr/bin/env bash
# Builds Basil and runs all its tests: see usage.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: ./test.sh [--full]

Installs the Debian packages that are missing (as root; else prints the line to run), builds the
release preset and runs every test by CTest, whose summary comes last.

  --full   longer checks (BASIL_FULL=1), and the debug preset with ASan and UBSan before the release one
  --help   this text

example: ./test.sh --full
TEXT
}

full=
for argument in "$@"; do
  case "$argument" in
    --full) full=1 ;;
    --help | -h) usage; exit 0 ;;
    *) echo "test.sh: found $argument, expected --full or --help" >&2; exit 2 ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")"
source .ci/setup.sh
install_missing "${build_packages[@]}" "${test_packages[@]}"
install_charts

build_and_test() {
  cmake --preset "$1"
  cmake --build --preset "$1"
  ctest --preset "$1"
}

if [[ -n "$full" ]]; then
  export BASIL_FULL=1
  build_and_test debug
fi
build_and_test release
