# Tasks that join paramcount with other programs, a line each. Run from the source folder, with paramcount in PATH.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

# expect WHAT IT DOES, WHAT IT PRINTS; the command stands on standard input.
expect() {
  local command actual
  command=$(cat)
  actual=$(cd "$PWD" && work=$work bash -c "set -o pipefail; $command" 2>&1) || actual+="[exit $?]"
  if [[ $actual != "$2" ]]; then
    printf '%s\n  %s\n  expected: %s\n  got:      %s\n' "$1" "$command" "$2" "$actual"
    wrong=1
  fi
}

expect 'one number out of JSON' 671026404352 <<'END'
paramcount deepseek-v3 --format json | jq '.models[0].params.total'
END
expect 'active share of every model on a line' $'deepseek-v3 5.6\ngpt-oss-20b 20' <<'END'
paramcount deepseek-v3 gpt-oss-20b --format jsonl | jq -r '"\(.id) \(.params.active * 1000 / .params.total | round / 10)"'
END
expect 'the roles of a model add up' true <<'END'
paramcount gemma-3-27b --format json | jq '.models[0].params | ([.by_role[]] | add) == .total'
END
expect 'the formula behind a number' '32 × (2 × 4,096 × 4,096 + 2 × 1,024 × 4,096)' <<'END'
paramcount llama-3.1-8b --explain --format json | jq -r '.models[0].explain[] | select(.key == "params.by_role.attention").formula'
END
expect 'a table in SQLite' 'llama-3.1-70b|70553706496' <<'END'
paramcount llama-3.1-8b llama-3.1-70b gpt-2 --format csv > "$work/m.csv" && sqlite3 :memory: ".import --csv $work/m.csv m" 'select id, "params.total" from m order by cast("params.total" as integer) desc limit 1'
END
expect 'tensors grouped by role in SQLite' $'attention|28311552\nembedding|38597376\nffn|56623104' <<'END'
paramcount tensors gpt-2 --format csv > "$work/t.csv" && sqlite3 :memory: ".import --csv $work/t.csv t" "select role, sum(params) from t where role in ('attention', 'ffn', 'embedding') group by role order by role"
END
expect 'the catalog sorted by a column of TSV' $'llama-3.1-405b\nllama-3.1-70b\nllama-3.1-8b' <<'END'
paramcount list llama-3.1 --format tsv | tail -n +2 | sort -t "$(printf '\t')" -k5,5nr | cut -f 1 | grep -E '^llama-3\.1-[0-9]+b$'
END
expect 'a rule of a Makefile, stopping the build' $'paramcount: files: params.total is 1235814400, not <= 1B[exit 2]' <<'END'
printf 'size:\n\t@paramcount tests/golden/files/config.json --assert "params.total <= 1B" --get id > /dev/null\n' > "$work/Makefile" && make -s -f "$work/Makefile" size 2>&1 | grep -v '^make' | sed 's/files: .*: params/files: params/'
END
expect 'a folder of configs with xargs' $'1235814400\n1235814400' <<'END'
mkdir -p "$work/c" && for i in 1 2; do cp tests/golden/files/config.json "$work/c/$i.json"; done && printf '%s\0' "$work"/c/*.json | xargs -0 -n 1 -P 2 paramcount --get params.total
END
expect 'a folder of configs with GNU parallel, in order' $'1 1235814400\n2 1235814400' <<'END'
parallel --will-cite -k 'echo {/.} $(paramcount {} --get params.total)' ::: "$work"/c/1.json "$work"/c/2.json
END
expect 'names beside numbers with paste' $'gpt-2\t124439808\nllama-3.1-8b\t8030261248' <<'END'
paramcount gpt-2 llama-3.1-8b --get id,params.total | paste - -
END
exit $wrong
