# shellcheck shell=bash disable=SC2034
# Sourced by test.sh, demo.sh and .ci/run: the Debian 12 packages that Basil needs.
#   install_missing PACKAGE...   installs what is missing when root, else prints how to, and exits with 1

build_packages=(
  g++ cmake ninja-build ccache pkg-config
  libsystemc-dev libfmt-dev libzip-dev libyaml-cpp-dev nlohmann-json3-dev libeigen3-dev libboost-program-options-dev
  libprotobuf-dev protobuf-compiler libonnx-dev
  libgtest-dev librapidcheck-dev
)
# numpy opens a trace that Basil wrote, GTKWave's vcd2fst reads a waveform that Basil wrote.
test_packages=(python3-numpy gtkwave)
lint_packages=(git clang-format clang-tidy)

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
