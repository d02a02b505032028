#!/usr/bin/env bash
# The shards of a study by GNU parallel on this machine, as README.md says, merged: the rows of one run.
#   parallel_test.sh BASIL SOURCE_DIR     skipped where GNU parallel is not installed
set -euo pipefail
skipped=77  # for CTest

if ! parallel --version 2>/dev/null | grep -q "^GNU parallel"; then
  echo "skipped: no GNU parallel (Debian: apt-get install parallel)"
  exit "$skipped"
fi

basil="$1"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "parallel_test.sh: $1" >&2
  exit 1
}
export PARALLEL_HOME="$scratch"  # its settings and notices, none of the person's
PATH="$(dirname "$basil"):$PATH"
recipe="$(sed -n 's/^ *\(parallel -j 2 basil sweep .*\)$/\1/p' "$2/testbenches/studies/README.md")"
[[ -n "$recipe" ]] || fail "README.md has no line that begins with 'parallel -j 2 basil sweep'"
cd "$scratch"
cat >study.yaml <<TEXT
traces: $2/traces/samples/lenet.npz
accelerators: [eyeriss, scnn]
layers: L1
parameters:
  clock_mhz: {from: 100, to: 400, step: 50}
TEXT
basil sweep study.yaml --quiet --db whole.sqlite
eval "$recipe" 2>parallel.log || { cat parallel.log >&2; fail "the recipe failed: $recipe"; }
shards=(study.*-of-8.sqlite)
((${#shards[@]} == 8)) || fail "found ${#shards[@]} shards, expected 8: ${shards[*]}"
basil merge "${shards[@]}" -o merged.sqlite
for view in points layers; do
  basil export whole.sqlite --rows "$view" -o whole.csv
  basil export merged.sqlite --rows "$view" -o merged.csv
  cmp whole.csv merged.csv || fail "other $view than one run"
done
(($(grep -c ',done,' <(basil export merged.sqlite)) == 14)) || fail "not all 14 points are done"
echo "8 shards by GNU parallel, merged, equal one run"
