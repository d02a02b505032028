# Completion of the command basil for bash, by 'basil completion bash'. Load it by: source <(basil completion bash)

_basil_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_basil_nothing() { compopt +o default +o bashdefault 2>/dev/null; }

# Names with commas between them; where none fits, files.
_basil_accelerators() {
  local before=
  [[ "$cur" != *,* ]] || before="${cur%,*},"
  mapfile -t COMPREPLY < <(compgen -P "$before" -W '@accelerators@' -- "${cur##*,}")
}

# Keys of the accelerator that --on names, or show's; else of all.
_basil_keys() {
  local on='' i
  [[ "$verb" != show ]] || on="${COMP_WORDS[2]}"
  for ((i = 2; i < COMP_CWORD; ++i)); do
    [[ "${COMP_WORDS[i]}" != --on ]] || on="${COMP_WORDS[i + 1]}"
  done
  [[ "$on" != *,* ]] || on=
  _basil_words "$("${COMP_WORDS[0]}" list keys ${on:+--on "$on"} 2>/dev/null | awk 'NR > 2 && NF { print $1 "=" }')"
  compopt -o nospace 2>/dev/null
}

_basil() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD - 1]}" verb="${COMP_WORDS[1]}"
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    _basil_words '@verbs@ --help --version'
    return 0
  fi
  # bash takes --option=value for three words
  if [[ "$cur" == '=' ]]; then
    cur=
  elif [[ "$prev" == '=' ]]; then
    prev="${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  case "$verb $prev" in
@values@    *)
      if [[ "$cur" == -* ]]; then
        case "$verb" in
@options@        esac
      else
        case "$verb" in
@words@        esac
      fi
      ;;
  esac
  return 0
}
complete -o bashdefault -o default -F _basil basil
