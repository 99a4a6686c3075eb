# Types into a real zsh, presses TAB and reads the line. Usage: completion.zsh FOLDER_WITH__paramcount
zmodload zsh/zpty
zpty -b shell zsh -f -i
typeset -i wrong=0

# What the shell prints until it has been silent for a while, or has printed what is expected: at most twenty seconds.
# A busy machine may be silent in between.
listen() {
  local chunk
  typeset -i waited=0 silent=0
  heard=
  while ((waited < 200)); do
    if [[ -n ${2:-} ]]; then
      [[ ${heard//$'\a'/} == *$2* ]] && return
    elif ((silent >= $1)); then
      return
    fi
    if zpty -r -t shell chunk; then
      heard+=$chunk
      silent=0
    else
      [[ -n $heard ]] && silent+=1
      sleep 0.1
      waited+=1
    fi
  done
}

mkdir -p $1/empty
zpty -w shell "PROMPT='>'; TERM=dumb; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; cd $1/empty; print READY"
listen 12
[[ $heard == *READY* ]] || { print -r -- "zsh: does not start: $heard"; exit 1; }

completes() {
  zpty -w -n shell "$1"$'\t'
  listen 6 "$2"
  # A bell may stand between what was typed and what was added.
  local line=${heard//$'\a'/}
  if [[ $line != *$2* ]]; then
    print -r -- "zsh: $1: no $2 in: ${(V)line}"
    wrong=1
  fi
  zpty -w -n shell $'\C-u'
  listen 2
}

completes 'paramcount --dty' '--dtype'
completes 'paramcount llama-3.1-4' 'llama-3.1-405b'
completes 'paramcount laye' 'layers'
completes 'paramcount llama-3.1-8b --dtype q4_k_' 'q4_k_m'
completes 'paramcount llama-3.1-8b --dtype bf16,awq-g12' 'bf16,awq-g128'
completes 'paramcount llama-3.1-8b --device h100-s' 'h100-sxm'
completes 'paramcount kv --kv-d' '--kv-dtype'
completes 'paramcount help ke' 'help keys'
completes 'paramcount generate z' 'generate zsh'
completes 'paramcount llama-3.1-8b --format ma' 'markdown'
zpty -d shell
exit $wrong
