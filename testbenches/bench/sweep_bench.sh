#!/usr/bin/env bash
# What a point of a study costs beside a `basil run` of it: CPU time of all processes, user and system, one job.
#   sweep_bench.sh BASIL [ROUNDS]
# A round is one sweep of 48 points, the same points by `basil run` one after another, and a sweep of 48 points of
# a layer with one product, which is what starting a child, building its machine and keeping its result take.
# Rounds are interleaved, so that other work on the machine meets all three; medians are printed.
set -euo pipefail
basil="$(realpath "$1")"
rounds="${2:-9}"
samples="$(realpath "$(dirname "$0")/../../traces/samples")"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

rows=(8 10 12 14) cols=(8 10 12 14) links=(60 120 240)
points=$((${#rows[@]} * ${#cols[@]} * ${#links[@]}))
list() { local IFS=,; echo "[$*]"; }
study() {
  cat <<TEXT
traces: $1.npz
accelerators: eyeriss
parameters:
  array.rows: $(list "${rows[@]}")
  array.cols: $(list "${cols[@]}")
  dram.link_mhz: $(list "${links[@]}")
TEXT
}

"$basil" compress "$samples/fashion-vgg.npz" -o vgg.npz >/dev/null
echo "{name: one, layers: [{name: L0, kind: fc, C: 1, K: 1}]}" >one-shape.yaml
"$basil" synth one-shape.yaml -o one.npz >/dev/null
study vgg >vgg.yaml
study one >one.yaml

sweep() {
  "$basil" sweep "$1.yaml" --db "$1.sqlite" --quiet
  rm "$1.sqlite"
}
runs() {
  local r c l
  for r in "${rows[@]}"; do
    for c in "${cols[@]}"; do
      for l in "${links[@]}"; do
        "$basil" run vgg.npz --on eyeriss --quiet --set array.rows="$r" --set array.cols="$c" --set dram.link_mhz="$l"
      done
    done
  done
}

# CPU milliseconds a point of a command.
TIMEFORMAT='%U %S'
cost() { { time "$@" >/dev/null; } 2>&1 | awk -v points="$points" '{print 1000 * ($1 + $2) / points}'; }
median() { sort -g "$1" | awk '{row[NR] = $1} END {print (row[int((NR + 1) / 2)] + row[int(NR / 2) + 1]) / 2}'; }

for ((i = 0; i < rounds; ++i)); do
  cost sweep vgg >>sweep.ms
  cost runs >>run.ms
  cost sweep one >>one.ms
done
paste sweep.ms run.ms | awk '{print $1 / $2}' >ratio
printf '| %s | %s | %s | %s |\n' "a point of a sweep" "a basil run" ratio "a point of one product" - - - - |
  sed 's/| - | - | - | - |/|---|---|---|---|/'
printf '| %.1f ms | %.1f ms | %.2f | %.1f ms |\n' "$(median sweep.ms)" "$(median run.ms)" "$(median ratio)" \
  "$(median one.ms)"
