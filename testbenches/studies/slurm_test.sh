#!/usr/bin/env bash
# A study as a Slurm job array, its shards merged, against the same study in one run: the same rows.
#   slurm_test.sh BASIL SOURCE_DIR     runs only with BASIL_FULL=1 and as root, since it installs and starts Slurm
set -euo pipefail
skipped=77  # for CTest

if [[ "${BASIL_FULL:-}" != 1 ]] || ((EUID != 0)); then
  echo "skipped: it installs and starts Slurm, so it wants BASIL_FULL=1 and root"
  exit "$skipped"
fi

basil="$1"
studies="$2/testbenches/studies"
slurm="$studies/slurm-single-node.sh"
scratch="$(mktemp -d)"
export BASIL_SLURM_DIR=/run/basil-slurm-test
trap '"$slurm" stop; rm -rf "$scratch"' EXIT
fail() {
  echo "slurm_test.sh: $1" >&2
  exit 1
}

"$slurm" start
SLURM_CONF="$("$slurm" conf)"
export SLURM_CONF
PATH="$(dirname "$basil"):$PATH"
cd "$scratch"
cat >study.yaml <<TEXT
traces: $2/traces/samples/lenet.npz
accelerators: [eyeriss, scnn]
parameters:
  clock_mhz: {from: 100, to: 400, step: 50}
  dram.link_mhz: [60, 120, 240]
TEXT
basil sweep study.yaml --quiet --db whole.sqlite
(($(basil export whole.sqlite | grep -c ',done,') == 42)) || fail "one run did not do all 42 points"

# Every row of a view, whatever its columns.
rows() { basil export "$1" --rows "$2"; }

# The array of the given tasks, n of them, gives n files that hold what one run does.
check_array() {
  local tasks="$1" n="$2" view
  sbatch --quiet --wait --cpus-per-task=1 --array="$tasks" "$studies/slurm-array.sh" study.yaml ||
    { cat ./*.log; fail "array $tasks failed"; }
  local shards=(study.*-of-"$n".sqlite)
  ((${#shards[@]} == n)) || fail "array $tasks left ${#shards[@]} shards, expected $n: ${shards[*]}"
  basil merge "${shards[@]}" -o merged.sqlite
  for view in points layers; do
    rows whole.sqlite "$view" >whole.csv
    rows merged.sqlite "$view" >merged.csv
    cmp whole.csv merged.csv || fail "array $tasks: other $view than one run"
  done
  echo "array $tasks: $n shards merged equal one run"
  rm -f merged.sqlite "${shards[@]}" ./*.log
}

check_array 1-3 3
check_array 0-1 2
check_array 5-8%2 4

# A part of an array says that it is none, and leaves no file.
if sbatch --quiet --wait --cpus-per-task=1 --array=1,3 "$studies/slurm-array.sh" study.yaml; then
  fail "array 1,3 was taken for two shards"
fi
grep -q "2 tasks from 1 to 3, expected an array without gaps" basil-sweep-1.log || fail "$(cat basil-sweep-1.log)"
[[ ! -e study.1-of-2.sqlite ]] || fail "array 1,3 left a shard"
