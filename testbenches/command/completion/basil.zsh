#compdef basil
# Completion of the command basil for zsh, by 'basil completion zsh'. As a file _basil in a folder of $fpath it loads by
# itself.

_basil_accelerators() {
  _sequence compadd - @accelerators@
  _files
}

# Keys of the accelerator that --on names, else of all.
_basil_keys() {
  local on=${words[(I)--on]}
  local -a of=() keys
  ((on > 0)) && [[ $words[on+1] != *,* ]] && of=(--on $words[on+1])
  keys=(${(f)"$(basil list keys $of 2>/dev/null | awk 'NR > 2 && NF { print $1 "=" }')"})
  compadd -S '' -a keys
}

_basil() {
  local -a verbs=(
@verbs@  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
@options@  esac
}

if [[ $funcstack[1] == _basil ]]; then
  _basil "$@"
else
  compdef _basil basil
fi
