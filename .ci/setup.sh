# shellcheck shell=bash disable=SC2034
# Sourced by test.sh, demo.sh and .ci/*: the Debian 12 packages that Basil needs.
#   install_missing PACKAGE...   installs what is missing when root, else prints how to, and exits with 1
#   install_node_tools           by npm what testbenches/package.json names, for tests and lint; where it cannot, says so and goes on
#   node_tools_there             whether they are

build_packages=(
  g++ cmake ninja-build ccache pkg-config
  libsystemc-dev libfmt-dev libzip-dev libyaml-cpp-dev nlohmann-json3-dev libeigen3-dev
  libboost-program-options-dev libsqlite3-dev libprotobuf-dev protobuf-compiler libonnx-dev
  libflatbuffers-dev flatbuffers-compiler
  libgtest-dev librapidcheck-dev
)
# git and python3 run the mutants, numpy opens a trace that Basil wrote, GTKWave shows a waveform on Xvfb's screen,
# Chromium draws a report, groff renders manual pages, GNU parallel runs a study's shards, Doxygen reads the headers.
# The Python module is built where pybind11 is; all else is without it too. Verilator lints the units' Verilog, Icarus
# runs it, yosys and OpenSTA measure it with the cells of qflow-tech-osu018. ONNX' models of single operators with their
# outputs come from libonnx-testdata.
test_packages=(
  git python3 python3-numpy gtkwave xvfb chromium groff-base parallel doxygen
  pybind11-dev python3-dev python3-pandas python3-pip python3-setuptools python3-wheel python3-yaml
  verilator iverilog yosys opensta qflow-tech-osu018 libonnx-testdata
)
full_packages=(clang gcovr) # of test.sh --full
lint_packages=(clang-format clang-tidy shellcheck pyflakes3 pycodestyle yamllint cmake-format)

is_installed() { [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]; }

install_missing() {
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    echo "Missing packages. As root, run:" >&2
    echo "apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

node_tools_there() { [[ testbenches/node_modules/.package-lock.json -nt testbenches/package-lock.json ]]; }

# A registry that does not answer costs seconds, and is asked again an hour later at the earliest.
install_node_tools() {
  local without="no test opens a page in a browser, no JavaScript is linted"
  local failed=build/npm-failed
  if node_tools_there; then return 0; fi
  if ! command -v npm >/dev/null; then
    if ((EUID != 0)); then
      echo "No npm: $without. As root: apt-get install -y --no-install-recommends nodejs npm" >&2
      return 0
    fi
    install_missing nodejs npm
  fi
  if [[ -n "$(find $failed -mmin -60 2>/dev/null)" ]]; then
    echo "npm failed within the last hour, not asked again: $without. To ask: rm $failed" >&2
    return 0
  fi
  mkdir -p build
  if npm view playwright-core name --fetch-timeout=5000 --fetch-retries=0 >/dev/null 2>&1 &&
    timeout 300 npm ci --prefix testbenches --prefer-offline --no-audit --no-fund --ignore-scripts --loglevel=error; then
    rm -f $failed
  else
    touch $failed
    echo "npm or its registry did not answer: $without" >&2
  fi
}
