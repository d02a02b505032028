#!/usr/bin/env bash
# What bash offers after some words, and zsh's script and the manual pages read by the programs that read them.
#   completion_test.sh BASIL
set -euo pipefail
basil="$1"
scratch="$(mktemp -d "${TMPDIR:-/tmp}/basil-test-XXXXXX")"
trap 'rm -rf "$scratch"' EXIT
PATH="$(dirname "$basil"):$PATH"
failures=0
fail() {
  echo "completion_test.sh: $1" >&2
  failures=$((failures + 1))
}

# shellcheck disable=SC1090
source <("$basil" completion bash)

# offered WORD...: what completes the last one, in a line
offered() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _basil
  echo "${COMPREPLY[*]}"
}
expect() {
  local expected="$1" found
  shift
  found="$(offered "$@")"
  [[ "$found" == "$expected" ]] || fail "after '$*' it offers '$found', expected '$expected'"
}
expect_all() { # that these words are among them
  local words="$1" found word
  shift
  found=" $(offered "$@") "
  for word in $words; do
    [[ "$found" == *" $word "* ]] || fail "after '$*' it offers$found, without $word"
  done
}

expect run basil ru
expect_all "run compare sweep completion man --version" basil ''
expect --on basil run --o
expect "--vcd-window" basil run --vcd-w
expect scnn basil run net.npz --on scn
names="$("$basil" list accelerators | awk '{ print $1 }')"
expect_all "$names" basil run --on ''
expect "eyeriss,scnn" basil compare net.npz --on eyeriss,sc
expect cycle basil run net.npz --fidelity c
expect cycle basil run net.npz --fidelity = c
expect "transaction" basil noc --fidelity t
expect scnn basil show sc
expect "array.rows=" basil run net.npz --on eyeriss --set array.ro
expect "array.rows=" basil show eyeriss --set array.ro
expect "accelerators" basil list a
expect "" basil run --json ''  # files, which bash adds itself
expect "" basil run --jobs ''

# Words that an option offers are words that its help knows, and every verb and option is offered.
while read -r verb option words; do
  help="$("$basil" "$verb" --help)"
  for word in $words; do
    case "$verb $option" in *--technology | *--device | "synth --list" | "selftest --name" | "man --verb") continue ;; esac
    [[ "$help" == *"$word"* ]] || fail "basil $verb $option offers $word, which its help does not know"
  done
done < <("$basil" completion bash | sed -n "s/^    '\([a-z]*\) \(--[a-z-]*\)'.*) _basil_words '\(.*\)' ;;$/\1 \2 \3/p")
for verb in $("$basil" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
  expect_all "$verb" basil ''
  expect_all "--memory --help" basil "$verb" --
done

if command -v zsh >/dev/null; then
  "$basil" completion zsh >"$scratch/_basil"
  zsh -n "$scratch/_basil" || fail "zsh does not parse its script"
fi

"$basil" man --into "$scratch"
pages=("$scratch"/*.1)
verbs="$("$basil" --help | grep -c '^  [a-z]* ')"
((${#pages[@]} == verbs + 1)) || fail "${#pages[@]} pages for $verbs verbs"
if command -v groff >/dev/null; then
  for page in "${pages[@]}"; do
    warnings="$(groff -man -ww -Tascii -P-cbou "$page" 2>&1 >"$scratch/shown")"
    [[ -z "$warnings" ]] || fail "$warnings"
    grep -q EXAMPLES "$scratch/shown" || fail "$page shows no examples"
  done
  groff -man -rLL=120n -Tascii -P-cbou "$scratch/basil-run.1" >"$scratch/shown"
  for words in '--on arg' 'basil run traces/samples/lenet.npz --on eyeriss' 'basil run TRACE --on ACCELERATOR'; do
    grep -qF -- "$words" "$scratch/shown" || fail "basil-run(1) does not say '$words'"
  done
else
  echo "no groff: manual pages are not rendered"
fi
((failures == 0)) || exit 1
echo "completion and manual pages hold"
