# Completes command lines as bash would and looks for what must be offered. Usage: completion.bash SCRIPT
source "$1"
complete -p paramcount | grep -q _paramcount || exit 1
wrong=0

# The last word is to be completed; before -- stands what must be among the offers, or "nothing".
offers() {
  local wanted=$1
  shift 2
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _paramcount paramcount
  if [[ " ${COMPREPLY[*]} " != *" $wanted "* ]]; then
    echo "bash: $*: no $wanted among: ${COMPREPLY[*]:0:8}"
    wrong=1
  fi
}

offers llama-3.1-405b -- paramcount llama-3.1-4
offers kv -- paramcount k
offers explain -- paramcount ''
offers --dtype -- paramcount --dt
offers q4_k_m -- paramcount llama-3.1-8b --dtype q4_k_
offers bf16,q4_k_m -- paramcount llama-3.1-8b --dtype bf16,q4_k_
offers h100-sxm -- paramcount llama-3.1-8b --device h1
offers markdown -- paramcount llama-3.1-8b --format = mark
offers --context -- paramcount kv --con
offers gemma-3-27b -- paramcount kv gemma-3-2
offers vllm -- paramcount kv gemma-3-27b --runtime v
offers params.total -- paramcount llama-3.1-8b --get params.t
offers exit-codes -- paramcount help ex
offers zsh -- paramcount generate z
offers devices -- paramcount list d
COMP_WORDS=(paramcount kv --mf) COMP_CWORD=2 COMPREPLY=()
_paramcount paramcount
if ((${#COMPREPLY[@]} > 0)); then
  echo "bash: kv is offered an option it does not have: ${COMPREPLY[*]}"
  wrong=1
fi
exit $wrong
