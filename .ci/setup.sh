# shellcheck shell=bash disable=SC2034
# Sourced by test.sh, demo.sh and .ci/run: the Debian 12 packages that Basil needs.
#   install_missing PACKAGE...   installs what is missing when root, else prints how to, and exits with 1
#   install_page_test            what opens pages of --report in a test, by npm; where it cannot, says so and goes on

build_packages=(
  g++ cmake ninja-build ccache pkg-config
  libsystemc-dev libfmt-dev libzip-dev libyaml-cpp-dev nlohmann-json3-dev libeigen3-dev libboost-program-options-dev libsqlite3-dev
  libprotobuf-dev protobuf-compiler libonnx-dev
  libgtest-dev librapidcheck-dev
)
# git and python3 run the mutants, numpy opens a trace that Basil wrote, GTKWave shows a waveform on Xvfb's screen,
# Chromium draws a report, groff renders manual pages, GNU parallel runs a study's shards. The Python module is built
# where pybind11 is; all else is without it too.
test_packages=(git python3 python3-numpy gtkwave xvfb chromium groff-base parallel pybind11-dev python3-dev python3-pandas
  python3-pip python3-setuptools python3-wheel)
lint_packages=(clang-format clang-tidy shellcheck)

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

# playwright-core as models/report/page/package-lock.json pins it, into node_modules/ beside it.
install_page_test() {
  if ! command -v npm >/dev/null; then
    if ((EUID != 0)); then
      echo "No npm: no test opens a page in a browser. As root: apt-get install -y --no-install-recommends nodejs npm" >&2
      return 0
    fi
    install_missing nodejs npm
  fi
  local pages=models/report/page
  [[ $pages/node_modules/.package-lock.json -nt $pages/package-lock.json ]] ||
    npm ci --prefix "$pages" --no-audit --no-fund --ignore-scripts --loglevel=error ||
    echo "npm ci failed: no test opens a page in a browser" >&2
}
