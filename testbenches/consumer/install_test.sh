#!/usr/bin/env bash
# Installs a build into an empty folder, and builds and runs there a project that has find_package(basil) and no more.
#   install_test.sh CMAKE BUILD_DIR SOURCE_DIR
set -euo pipefail
cmake="$1" build="$2" source="$3"
scratch="$(mktemp -d "${TMPDIR:-/tmp}/basil-test-XXXXXX")"
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "install_test.sh: $1" >&2
  exit 1
}

"$cmake" --install "$build" --prefix "$scratch/prefix" >"$scratch/log" || fail "$(cat "$scratch/log")"
# Moved, as a package is: nothing may remember where it was built or installed.
mv "$scratch/prefix" "$scratch/moved"
prefix="$scratch/moved"
[[ "$("$prefix/bin/basil" --version)" == "basil "* ]] || fail "bin/basil: no version"
[[ -z "$(find "$prefix" -path '*/testing/*')" ]] || fail "headers for tests were installed"
for file in share/man/man1/basil-run.1 share/bash-completion/completions/basil share/zsh/site-functions/_basil; do
  [[ -s "$prefix/$file" ]] || fail "no $file was installed"
done
if grep -rqF "$source" "$prefix"/lib* --include='*.cmake'; then fail "the package names its source folder"; fi

launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
"$cmake" -S "$source/testbenches/consumer" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug \
  "${launcher[@]}" >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"
grep -q "^basil_DIR:PATH=$prefix/" "$scratch/build/CMakeCache.txt" || fail "another Basil was found"
"$cmake" --build "$scratch/build" >"$scratch/log" 2>&1 || fail "$(cat "$scratch/log")"

trace="$source/traces/samples/lenet.npz"
printed="$("$scratch/build/consumer" "$trace" eyeriss)"
"$prefix/bin/basil" run "$trace" --on eyeriss --quiet --json "$scratch/result.json"
expected="$(sed -n 's/^ "cycles": \([0-9]*\),$/\1/p' "$scratch/result.json") cycles"
[[ "$printed" == "$expected" ]] || fail "the project prints '$printed', the command says '$expected'"

# A version that is not compatible is refused, in words that name both.
mkdir "$scratch/later"
sed -e 's/find_package(basil 0.2/find_package(basil 0.3/' "$source/testbenches/consumer/CMakeLists.txt" \
  >"$scratch/later/CMakeLists.txt"
if "$cmake" -S "$scratch/later" -B "$scratch/later/build" -DCMAKE_PREFIX_PATH="$prefix" >"$scratch/log" 2>&1; then
  fail "find_package(basil 0.3) takes $("$prefix/bin/basil" --version)"
fi
grep -q 'basil-config.cmake, version: 0.2' "$scratch/log" || fail "$(cat "$scratch/log")"
echo "a project of its own prints $printed"
