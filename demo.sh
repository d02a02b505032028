#!/usr/bin/env bash
# Builds Basil and runs the main job on the sample trace: see usage.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: ./demo.sh [--help]

Installs the Debian packages that are missing (as root; else prints the line to run), builds the
release preset and runs the compressed LeNet of traces/samples on the Eyeriss model. The report, its
JSON, CSV and page, a waveform and a timeline are left in out/demo/.

example: ./demo.sh
TEXT
}

for argument in "$@"; do
  case "$argument" in
    --help | -h) usage; exit 0 ;;
    *) echo "demo.sh: found $argument, expected --help or nothing" >&2; exit 2 ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")"
source .ci/setup.sh
install_missing "${build_packages[@]}"

cmake --preset release
cmake --build --preset release --target basil

out=out/demo
mkdir -p "$out"
build/release/testbenches/basil run traces/samples/lenet.npz --on eyeriss \
  --json "$out/report.json" --csv "$out/layers.csv" --vcd "$out/wave.vcd" \
  --report "$out/report.html" --timeline "$out/timeline.json" | tee "$out/report.txt"

cat <<TEXT

Left in $out/:
  report.txt    the report above            less $out/report.txt
  report.json   the same for programs       python3 -m json.tool $out/report.json
  layers.csv    one line a layer            any spreadsheet
  report.html   charts and tables           any browser
  wave.vcd      the run as a waveform       gtkwave $out/wave.gtkw
  timeline.json the run as a timeline       open it in ui.perfetto.dev
TEXT
