# Asks fish what it would offer. Usage: completion.fish SCRIPT
source $argv[1]
set -g wrong 0

function offers
    set -l found (complete -C $argv[2] | string split -f 1 \t)
    if not contains -- $argv[1] $found
        echo "fish: $argv[2]: no $argv[1] among: $found[1..8]"
        set -g wrong 1
    end
end

offers llama-3.1-405b 'paramcount llama-3.1-4'
offers kv 'paramcount k'
offers --dtype 'paramcount llama-3.1-8b --dt'
offers q4_k_m 'paramcount llama-3.1-8b --dtype q4_k_'
offers h100-sxm 'paramcount llama-3.1-8b --device h1'
offers markdown 'paramcount llama-3.1-8b --format mark'
offers --context 'paramcount kv --con'
offers gemma-3-27b 'paramcount kv gemma-3-2'
offers exit-codes 'paramcount help ex'
offers zsh 'paramcount generate z'
offers devices 'paramcount list d'
if complete -C 'paramcount kv --mf' | string match -q -- '--mfu*'
    echo "fish: kv is offered an option it does not have"
    set -g wrong 1
end
exit $wrong
